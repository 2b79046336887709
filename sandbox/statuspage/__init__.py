"""Atlassian Statuspage: the Manage API of one page, and what the page does by itself as maintenances begin and end."""
