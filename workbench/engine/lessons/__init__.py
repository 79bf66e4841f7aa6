"""Lessons: one claim each, with what is shown, what is dragged, and the number that is measured before the audience."""
