"""The failures of docs/reliability.md on one node, each made to happen; two nodes are in tests/nodes."""
