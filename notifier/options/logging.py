"""Options that say how much is logged: less than the exporter logs, as the commands' own words go to the same place."""

import functools
import logging
from typing import Any

from fleet.program.grouping import Command
from fleet.program.log_options import log_options


def logging_options(command: Command) -> Command:
    """Adds the options, and configures logging before the command runs."""

    @log_options(default_level="warning")
    @functools.wraps(command)
    def with_logging(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — as in fleet.program.log_options
        # It warns of each request that fails; here each is dealt with, and told in the end if it has to be.
        logging.getLogger("notifications_python_client").setLevel(logging.ERROR)
        return command(*args, **kwargs)

    return with_logging
