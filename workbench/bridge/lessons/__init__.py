"""Lessons for the window: the files, the scene on the stage, and its measurement in the background."""
