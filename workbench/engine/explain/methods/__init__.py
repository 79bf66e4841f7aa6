"""The methods that say which pixels matter to a class, one class a file."""
