"""The notifier's durable record of what was sent to whom for which window."""
