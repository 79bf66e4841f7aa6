"""The threads of the program and what passes between them."""
