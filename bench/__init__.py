"""What the exporter costs, measured on the sandbox and printed as ratios. Nothing here passes or fails."""
