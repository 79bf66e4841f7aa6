"""Runs on disk: the folder, its history, replay, finished runs."""
