"""Foreign proxies, as programs, in front of an app that Assay judges."""
