"""The process: crash log, shutdown, interpreter settings."""
