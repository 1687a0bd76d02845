"""The outbox's rows."""
