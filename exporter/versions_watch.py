"""Reads which engine version each group runs, seldom and apart from surveys, because it takes a list of every node."""

import logging
from collections.abc import Callable, Mapping, Sequence

from exporter.region_watch import RegionWatch
from exporter.unforeseen import cause_of
from fleet.errors import ConfigurationError, RemoteError

log = logging.getLogger(__name__)

Publish = Callable[[str, Mapping[str, str]], None]


class VersionsWatch:
    """Only the page shows versions, so that one that could not be read is missing there and nowhere else."""

    def __init__(self, watches: Sequence[RegionWatch], publish: Publish) -> None:
        """`publish` gets a region's code, and its versions by replication group."""
        self._watches = watches
        self._publish = publish

    def look(self) -> None:
        """Reads once, one region after another. What cannot be read is not known any more: it may be another by now."""
        for watch in self._watches:
            versions: Mapping[str, str] = {}
            try:
                versions = watch.engine_versions()
            except (ConfigurationError, RemoteError) as error:
                log.warning("engine versions not read", extra={"aws_region": watch.aws_region, "cause": str(error)})
            except Exception as error:  # noqa: BLE001 — a bug of ours must not end the program
                log.warning(
                    "engine versions not read", extra={"aws_region": watch.aws_region, "cause": cause_of(error)}
                )
            self._publish(watch.aws_region, versions)
