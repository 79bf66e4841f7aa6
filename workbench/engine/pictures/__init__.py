"""Picture files: decoding, the cache of decoded pixels, class folders, corrections."""
