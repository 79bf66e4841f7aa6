"""The settings of an experiment: the model, its TOML file, differences, presets, documentation."""
