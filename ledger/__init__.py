"""The team's durable memory: who was told about which window, what was done in it, and which runs are alive."""
