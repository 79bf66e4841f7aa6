"""Lesson plans: scenes in an order, with what was measured of them, in one file that replays elsewhere."""
