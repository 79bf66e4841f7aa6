"""Several networks trained as one run."""
