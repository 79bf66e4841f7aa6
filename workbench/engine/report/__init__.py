"""What is said about data, models and runs: summaries, the generalization gap, the verdict, suggestions."""
