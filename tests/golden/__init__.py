"""Golden runs: whether two states of the program train the same settings to the same bits.

Everything here goes through surfaces that stay: settings files, ``python -m workbench.engine`` and the files of a run
folder. Nothing imports the engine, so the same script measures a state from before and from after a change.
"""
