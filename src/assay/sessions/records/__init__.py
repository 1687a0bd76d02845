"""The rows of sessions, app sessions and tickets."""
