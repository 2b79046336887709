"""The command line options that several commands share; each group reaches its command as one value."""
