"""Search for good settings: fields with ranges, samplers, studies in a database, trials that are runs, the command."""
