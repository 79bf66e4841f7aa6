"""Benchmarks: ratios measured in one run. They print; they never decide whether a test passes.

``uv run python -m tests.benchmarks`` runs all, ``… p2 p6`` some.
"""
