"""The data path: Envoy's configuration and life, the translation of its check, and the cut."""
