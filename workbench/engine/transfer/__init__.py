"""Transfer learning: the blocks of a pretrained network, freezing, the proof of it, cached features."""
