"""The playground for the window: its settings, races on a thread of their own, the cursor, and longer studies."""
