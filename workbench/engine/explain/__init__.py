"""What one picture is to a network: maps over it, filters, activations, and the nearest training pictures."""
