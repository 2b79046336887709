"""The commands, one in each module. A command's module is imported only when the command runs."""
