"""Query options, read by tables and by whatever Hypothesis comes up with."""
