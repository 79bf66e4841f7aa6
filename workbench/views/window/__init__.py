"""The main window: docks, actions, status, pages."""
