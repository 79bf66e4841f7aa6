"""The transfer wizard and the stack of blocks with its freeze line."""
