"""botocore's sessions and clients, with our limits, also for the clients that botocore makes to get credentials."""

import contextlib
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import CredentialResolver, create_credential_resolver

import fleet
from fleet.aws.credential_command import limit_commands
from fleet.aws.credential_endpoints import limit_credential_endpoints
from fleet.aws.descriptions import descriptions
from fleet.aws.retries import retry_failures
from fleet.aws.throttling import ATTEMPTS
from fleet.aws.transport import bound_answers
from fleet.patience import patience
from fleet.plain_http import warn_if_readable
from fleet.remote_address import AddressError, remote_address

_MOST_CONNECTIONS = 16


class KeepsNothing(dict[str, Any]):
    """
    In place of botocore's cache for credentials, which keeps an answer without credentials for good.

    Nothing is asked for more often without it, because the credentials themselves are kept elsewhere until they expire.
    """

    def __setitem__(self, key: str, value: object) -> None:
        pass


class LimitedSession(botocore.session.Session):
    """
    Limits the answers of every client, in size and time, and repeats what it asks of other services than ElastiCache.

    botocore asks those (STS, SSO) for credentials, on its own and with its own limits: five attempts of a minute each.
    """

    def __init__(self, profile: str | None, region: str) -> None:
        super().__init__(profile=profile)
        self.register_component("data_loader", descriptions(self.get_config_variable("data_path") or ""))
        self.set_config_variable("region", region)
        limits = patience()
        self.set_default_client_config(
            Config(
                connect_timeout=limits.connect_seconds,
                read_timeout=limits.aws_read_seconds,
                retries={"mode": "standard", "total_max_attempts": 1},  # fleet.aws.retries decides about more
                max_pool_connections=_MOST_CONNECTIONS,
                tcp_keepalive=True,
                user_agent=f"elasticache-updates/{fleet.__version__}",
            )
        )

    def _create_credential_resolver(self) -> CredentialResolver:
        """Replaces botocore's own method."""
        region = self._last_client_region_used  # type: ignore[attr-defined] # as botocore has it
        resolver = create_credential_resolver(self, cache=KeepsNothing(), region_name=region)
        limit_commands(resolver)
        limit_credential_endpoints(resolver)
        return resolver

    def create_client(self, service_name: str, *args: Any, most_attempts: int = ATTEMPTS, **kwargs: Any) -> BaseClient:  # noqa: ANN401 — as botocore has it
        client: BaseClient = super().create_client(service_name, *args, **kwargs)
        bound_answers(client)
        with contextlib.suppress(AddressError):  # botocore says it, if it is asked at all
            warn_if_readable(f"boto3's endpoint of {service_name}", remote_address(client.meta.endpoint_url))
        if service_name != "elasticache":
            retry_failures(client, most_attempts)
        return client
