"""The window of help: its pages, a search, and the way back."""
