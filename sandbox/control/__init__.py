"""The sandbox's own switches: JSON over HTTP, for curl and for tests. No real platform has anything like it."""
