"""What can be looked into while a network trains: layers, single weights, one forward pass, decision regions."""
