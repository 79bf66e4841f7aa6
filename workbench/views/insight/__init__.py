"""Views into a run: verdict and gap, formula, layers, decision regions, forward pass, model summary."""
