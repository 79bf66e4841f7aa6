"""A trained network in use, in the background: chosen, asked about pictures, judged on labelled data."""
