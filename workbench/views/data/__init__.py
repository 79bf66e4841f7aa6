"""The user's data: dropped, checked, browsed, previewed."""
