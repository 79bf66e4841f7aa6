"""What a table of pictures says: its text, columns, parts, and the files that its paths mean."""
