"""Settings of one process, read from a TOML file and the environment."""
