"""AWS ElastiCache: a client for one region, every page of a list, and the lists as our own values."""
