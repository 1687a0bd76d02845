"""Authentication methods, a file each: pure rules that take time and randomness as parameters."""
