"""The configuration file `assay.toml`: its sections, how it is read, and what is refused with every reason at once."""
