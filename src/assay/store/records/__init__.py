"""The rows with which nodes on one PostgreSQL tell each other what changed, and that they are there."""
