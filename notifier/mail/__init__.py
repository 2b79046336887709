"""The mails of a maintenance: their words, the plan, and how each of them is sent exactly once."""
