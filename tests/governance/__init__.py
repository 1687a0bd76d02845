"""Who may what: its rules and records."""
