"""AWS ElastiCache: clients for one region, and complete lists of our own values."""
