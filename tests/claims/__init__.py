"""The lecture's claims (numbered as in its table), each measured on runs of the catalog's own members."""
