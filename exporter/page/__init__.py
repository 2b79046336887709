"""The page at `/`, on which a maintenance window is chosen, and the same view as CSV and JSON."""
