"""The exit statuses that docs/notifier.md promises, and what every command's help has in common."""

from typing import Any

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_REMOTE = 3

EXIT_STATUSES = """
\b
Exit status:
  0  all done
  1  ran to the end, but something failed: each is named, nothing is lost, a re-run continues
  2  wrong usage or configuration; nothing was done
  3  a remote system could not be reached or refused us; a re-run continues"""

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""Of click's."""
