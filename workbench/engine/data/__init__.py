"""Examples in memory: loading, splitting, detecting, checking, browsing."""
