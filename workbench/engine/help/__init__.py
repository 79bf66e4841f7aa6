"""The pages of help: written ones about places and tasks, and pages made from the declarations of settings."""
