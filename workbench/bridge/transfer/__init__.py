"""What the transfer wizard asks of the engine, in the background."""
