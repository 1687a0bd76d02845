"""The simulated company: people, apps and days, made by driving the flows, for the demo and for tests."""
