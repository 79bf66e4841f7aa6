"""What a run looks like inside: gap, formula, layers, decision regions, forward pass."""
