"""The commands, one in each module, imported only when they run."""
