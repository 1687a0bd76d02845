"""What is sent to people: notices in their language, a durable outbox, and the ways out of the house."""
