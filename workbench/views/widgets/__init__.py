"""Widgets and drawing helpers that know nothing of training."""
