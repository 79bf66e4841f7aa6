"""What every room uses: errors, events, randomness, files, progress, text. Imports no other room."""
