"""The user's data, in the background: opened, checked, browsed, downloaded."""
