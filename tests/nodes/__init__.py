"""Two nodes, their database, an app and a client, each a machine of its own: a network namespace on one bridge."""
