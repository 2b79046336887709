"""Cloud Foundry and its UAA: tokens, lists, service instances, and orgs with their managers."""
