"""How a folder of pictures is read: which folders are parts, which are classes, what is left out, what is in doubt."""
