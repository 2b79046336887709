"""The web configuration in force. It is read again when its files change, so new passwords need no restart."""

import logging
import ssl
from pathlib import Path

from exporter.basic_auth import BasicAuth
from exporter.tls_config import ssl_context
from exporter.unforeseen import cause_of
from exporter.web_config import WebConfig, read_web_config
from fleet.errors import ConfigurationError

log = logging.getLogger(__name__)


class WebAccess:
    """Without a file, everybody may use plain HTTP. Raises ConfigurationError at construction, and never later."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._config = WebConfig()
        self.basic_auth = BasicAuth({})
        self.tls: ssl.SSLContext | None = None
        """The TLS context for new connections."""
        self._adopt(read_web_config(path) if path else self._config)

    def _adopt(self, config: WebConfig) -> None:
        """Does first what can fail, so that a failure changes nothing."""
        if self._path is not None and config.tls_server_config is not None:
            self.tls = ssl_context(config.tls_server_config, self._path.parent)
        self._config = config
        self.basic_auth = BasicAuth(config.basic_auth_users or {}, earlier=self.basic_auth)
        self.headers = config.headers
        self.rate_limit = config.limit()
        self._seen = self._states_of_files()

    def reload_if_changed(self) -> None:
        if self._states_of_files() != self._seen:
            self.reload()

    def reload(self) -> bool:
        """
        Takes over new users, headers and certificates, or keeps the old ones if the new file is not valid.

        False if it is not valid. Also refuses a file that lets more people in than before: a full disk may have cut
        it off, and that must not open the door.
        """
        if self._path is None:
            return True
        self._seen = self._states_of_files()
        try:
            config = read_web_config(self._path)
            if less := _less(config, self._config):
                raise ConfigurationError(f"WEB_CONFIG_FILE '{self._path}': {less}, which takes a restart")  # noqa: TRY301 — handled like an invalid file
            self._adopt(config)
        except (ConfigurationError, ValueError) as error:
            log.error("web configuration not reloaded", extra={"cause": str(error)})  # noqa: TRY400 — expected, in words
            return False
        except Exception as error:  # noqa: BLE001 — what is in force must stay in force
            log.error("web configuration not reloaded", extra={"cause": cause_of(error)})  # noqa: TRY400 — the cause names file and line
            return False
        log.info("web configuration reloaded", extra={"path": str(self._path)})
        return True

    def _states_of_files(self) -> tuple[tuple[int, ...], ...]:
        if self._path is None:
            return ()
        tls = self._config.tls_server_config
        names = (self._path.name, *(tls.files if tls else ()))
        return tuple(_state(self._path.parent / name) for name in names)


def _less(new: WebConfig, old: WebConfig) -> str | None:
    """Says in which way the new configuration lets more people in; None if it does not."""
    if old.basic_auth_users and not new.basic_auth_users:
        return "it has no basic_auth_users any more"
    if old.tls_server_config is None:
        return "it has a tls_server_config, where there was none" if new.tls_server_config else None
    if new.tls_server_config is None:
        return "it has no tls_server_config any more"
    strengths = zip(new.tls_server_config.strength, old.tls_server_config.strength, strict=True)
    if any(after < before for after, before in strengths):
        return "its client_auth_type or min_version asks for less than before"
    return None


def _state(path: Path) -> tuple[int, ...]:
    """A value that differs whenever the content does, even if it was written quickly; empty for a missing file."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino
