"""Standards that others speak with us."""
