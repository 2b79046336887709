"""What the program is called, by people and by the shells that ask it how a command line goes on."""

PROGRAM = "elasticache-update-notifier"
COMPLETION_VARIABLE = "_ELASTICACHE_UPDATE_NOTIFIER_COMPLETE"
"""Set by the completion script, and by nothing else, when it asks."""
