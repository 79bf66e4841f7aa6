"""Trained weights from files: read without running anything in them, recognised by their keys and shapes, matched.

``reading`` turns a file into tensors, ``recognising`` says which network they are of, ``origin`` what that network
wants its pictures to be, ``matching`` puts them into a module, ``shelf`` finds files and says which one to bring,
``describing`` says all of it in plain data for a window.
"""
