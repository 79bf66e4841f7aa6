"""Training without a window: no Qt anywhere below this package, torch only inside functions that compute."""
