"""Where Qt meets training: threads, events and the end of the process. stdlib, QtCore and the engine; no widgets."""
