"""The network pillar: named locations, which can restrict and never grant."""
