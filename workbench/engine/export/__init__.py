"""Taking a trained network away: files that other programs read without this one."""
