"""Cloud Foundry: UAA's tokens, and the v3 API that honours them."""
