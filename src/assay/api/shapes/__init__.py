"""The bodies of the admin API: stable, documented in docs/command-line.md, importable without the service."""
