"""The runs kept on this machine: listed from evidence, compared, tidied, exported, and queued."""
