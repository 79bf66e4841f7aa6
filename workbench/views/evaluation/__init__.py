"""Dialogs that measure trained weights."""
