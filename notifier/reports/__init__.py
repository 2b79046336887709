"""The reports that commands print, for people and for programs."""
