"""What the transfer wizard needs of the engine, computed in the background."""
