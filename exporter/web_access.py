"""The web configuration in force: read again when its files change, so that new passwords need no restart."""

import logging
import ssl
from pathlib import Path

from exporter.basic_auth import BasicAuth
from exporter.web_config import WebConfig, load_certificate, read_web_config, ssl_context
from fleet.errors import ConfigurationError

log = logging.getLogger(__name__)


class WebAccess:
    """Without a file, plain HTTP for everybody. Raises ConfigurationError at construction, and never later."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        config = read_web_config(path) if path else WebConfig()
        self.tls: ssl.SSLContext | None = None
        """One context for the server's whole life; renewed certificates are loaded into it."""
        if path and config.tls_server_config is not None:
            self.tls = ssl_context(config.tls_server_config, path.parent)
        self._adopt(config)

    def _adopt(self, config: WebConfig) -> None:
        self._config = config
        self.basic_auth = BasicAuth(config.basic_auth_users)
        self.headers = config.headers
        self._seen = self._modification_times()

    def reload_if_changed(self) -> None:
        """
        Take over new users, headers and certificates; keep the old ones where the new file is not valid.

        Whether TLS is on, and its other keys, stay as they were until the next start.
        """
        modification_times = self._modification_times()
        if self._path is None or modification_times == self._seen:
            return
        self._seen = modification_times
        try:
            config = read_web_config(self._path)
        except ConfigurationError as error:
            log.error("web configuration not reloaded", extra={"cause": str(error)})  # noqa: TRY400 — expected, in words
            return
        if self.tls is not None and config.tls_server_config is not None:
            load_certificate(self.tls, config.tls_server_config, self._path.parent)
        self._adopt(config)
        log.info("web configuration reloaded", extra={"path": str(self._path)})

    def _modification_times(self) -> tuple[int, ...]:
        if self._path is None:
            return ()
        tls = self._config.tls_server_config
        names = [self._path.name, *((tls.cert_file, tls.key_file) if tls else ())]
        return tuple(_modified_at(self._path.parent / name) for name in names)


def _modified_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
