"""A limit for the commands that a profile names as its `credential_process`: botocore waits for them without end."""

import subprocess
from typing import Any

from botocore.credentials import CredentialResolver, ProcessProvider
from botocore.exceptions import CredentialRetrievalError

from fleet.patience import patience


class _LimitedCommand(subprocess.Popen[bytes]):
    def communicate(self, input: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:  # noqa: A002 — as subprocess has it
        """Raises CredentialRetrievalError, as botocore does for a command that fails."""
        seconds = timeout or patience().call_seconds
        try:
            return super().communicate(input, seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            super().communicate()
            raise CredentialRetrievalError(
                provider=ProcessProvider.METHOD, error_msg=f"credential_process did not end within {seconds:g} s"
            ) from None


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
