"""Messages: words, the outbox, and the ways out."""
