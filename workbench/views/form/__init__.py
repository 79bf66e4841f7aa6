"""Forms generated from the declarations of settings."""
