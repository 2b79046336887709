"""Whose a replication group is: what the settings say of it, and the pure join that follows from it."""
