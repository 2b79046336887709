"""What to be told about, and when: Prometheus rules, their unit tests, and the forms in which platforms load them."""
