"""The window used at random for minutes or hours, with what it costs written down. See ``__main__.py``."""
