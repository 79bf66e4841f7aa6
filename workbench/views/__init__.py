"""The window: PySide6 and pyqtgraph over the bridge and the engine's declarations; never torch."""
