"""The kept runs for the window: read in the background, listed, opened, changed, taken to the trash."""
