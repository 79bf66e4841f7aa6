"""Charts as SVG text, for pages that are read without this program: no Qt and no other library."""
