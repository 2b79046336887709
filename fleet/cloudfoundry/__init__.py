"""Cloud Foundry and its UAA: tokens, pages, service instances, and orgs with their managers."""
