"""The tables of the log, its tree and checkpoints, and of decisions."""
