"""The commented example of a whole `assay.toml`."""

from importlib.resources import files


def example() -> str:
    """Its text: what is not commented out is a configuration that works as it stands."""
    return (files("assay.configuration") / "example.toml").read_text(encoding="utf-8")
