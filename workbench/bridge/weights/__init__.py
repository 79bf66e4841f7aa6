"""Files of trained weights, in the background: found, measured, averaged."""
