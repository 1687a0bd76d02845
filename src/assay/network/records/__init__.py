"""The network's rows."""
