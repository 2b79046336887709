"""The mails of a maintenance: their text, who gets which, and how each is sent exactly once."""
