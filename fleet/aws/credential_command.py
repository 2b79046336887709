"""A limit for the commands that a profile names as its `credential_process`: botocore waits for them without end."""

import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from botocore.credentials import CredentialResolver, ProcessProvider
from botocore.exceptions import CredentialRetrievalError

from fleet.patience import patience

_MOST_BYTES = 64 * 1024
_AT_ONCE_BYTES = 16 * 1024


class _LimitedCommand(subprocess.Popen[bytes]):
    def communicate(self, input: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:  # noqa: A002, ARG002 — as subprocess has it
        """Raises CredentialRetrievalError, as botocore does for a command that fails."""
        seconds = timeout or patience().call_seconds
        streams = [stream for stream in (self.stdout, self.stderr) if stream is not None]
        try:
            printed = self._printed([stream.fileno() for stream in streams], time.monotonic() + seconds)
        except subprocess.TimeoutExpired:
            raise self._ended(f"did not end within {seconds:g} s") from None
        finally:
            for stream in streams:
                stream.close()
        out, err = (bytes(text) for text in printed)
        return out, err

    def _printed(self, descriptors: Sequence[int], ends_at: float) -> list[bytearray]:
        """Until it has ended. Raises TimeoutExpired, and CredentialRetrievalError for more than credentials take."""
        printed = {descriptor: bytearray() for descriptor in descriptors}
        with selectors.DefaultSelector() as selector:
            for descriptor in descriptors:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                if time.monotonic() > ends_at:
                    raise subprocess.TimeoutExpired(ProcessProvider.METHOD, 0)
                for key, _ in selector.select(ends_at - time.monotonic()):
                    part = os.read(key.fd, _AT_ONCE_BYTES)
                    if not part:
                        selector.unregister(key.fd)
                    printed[key.fd] += part
                    if len(printed[key.fd]) > _MOST_BYTES:
                        raise self._ended(f"printed more than {_MOST_BYTES // 1024} KiB")
        self.wait(max(0.0, ends_at - time.monotonic()))
        return list(printed.values())

    def _ended(self, why: str) -> CredentialRetrievalError:
        self.kill()
        self.wait()
        return CredentialRetrievalError(provider=ProcessProvider.METHOD, error_msg=f"credential_process {why}")


def limit_commands(resolver: CredentialResolver) -> None:
    """Limits the profile's own command, and those of the profiles from which it takes its credentials."""
    for provider in resolver.providers:
        if isinstance(provider, ProcessProvider):
            _limit(provider)
        elif (builder := getattr(provider, "_profile_provider_builder", None)) is not None:
            builder._create_process_provider = _limited(builder._create_process_provider)  # noqa: SLF001 — there is no other place


def _limited(create: Any) -> Any:  # noqa: ANN401 — botocore's method
    def create_limited(profile_name: str) -> ProcessProvider:
        provider: ProcessProvider = create(profile_name)
        _limit(provider)
        return provider

    return create_limited


def _limit(provider: ProcessProvider) -> None:
    provider._popen = _LimitedCommand  # type: ignore[attr-defined] # noqa: SLF001 — botocore passes no other on
