"""The floor of every decision and the flows on it: gather signals, ask the policy, answer."""
