"""Command line options that several commands share. A command gets each group of options as one value."""
