"""The learning rate: schedule preview, curve editor, range test, decay by hand."""
