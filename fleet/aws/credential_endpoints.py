"""
Limits for the endpoints that hand out credentials to machines and containers.

botocore asks them with a session of its own, for which a byte a second is in time, and any size is small enough.
"""

from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.credentials import ContainerProvider, CredentialResolver, InstanceMetadataProvider
from botocore.exceptions import MetadataRetrievalError

from fleet.aws.transport import BoundedSession, UnusableAnswerError
from fleet.patience import patience


class _CredentialsSession(BoundedSession):
    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Raises MetadataRetrievalError, as botocore does for an answer of which it can make nothing."""
        try:
            return super().send(request)
        except UnusableAnswerError as error:
            asked = urlsplit(str(request.url)).netloc
            raise MetadataRetrievalError(error_msg=f"{asked}: {error}") from error


def limit_credential_endpoints(resolver: CredentialResolver) -> None:
    """The profiles that name such an endpoint as their source use the same providers."""
    for provider in resolver.providers:
        if isinstance(provider, ContainerProvider):
            _limit(provider._fetcher)  # type: ignore[attr-defined] # noqa: SLF001 — botocore makes it by itself
        elif isinstance(provider, InstanceMetadataProvider):
            _limit(provider._role_fetcher)  # type: ignore[attr-defined] # noqa: SLF001 — as above


def _limit(fetcher: Any) -> None:  # noqa: ANN401 — botocore's
    fetcher._session = _CredentialsSession(fetcher._session, patience().aws_read_seconds, is_xml=False)  # noqa: SLF001 — as above
