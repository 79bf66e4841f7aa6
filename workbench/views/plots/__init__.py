"""The live plots: pyqtgraph frames and axes, curves painted in the cheapest way that was measured."""
