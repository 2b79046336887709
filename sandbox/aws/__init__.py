"""AWS: ElastiCache's Query protocol, signed requests, and STS's temporary credentials."""
