"""Checks what boto3 reads by itself, files and variables, by making the clients of a survey without asking anybody."""

import os
from collections.abc import Mapping
from pathlib import Path

from botocore.credentials import (
    BotoProvider,
    ConfigProvider,
    ContainerProvider,
    EnvProvider,
    OriginalEC2Provider,
    SharedCredentialProvider,
)

from fleet.aws.client import NO_CREDENTIALS, AwsAccess, AwsKeys, as_configuration_error, session_of
from fleet.aws.service import ELASTICACHE, TAGGING
from fleet.aws.sessions import LimitedSession
from fleet.certificates import require_certificates
from fleet.errors import ConfigurationError, NotSetUpError

_NOBODYS = AwsKeys("nobodys", "nobodys")
_LOCAL = (EnvProvider, SharedCredentialProvider, ConfigProvider, OriginalEC2Provider, BotoProvider)
"""Those that only read variables and files; the others ask somebody, or run a command."""
_ASKING_KEYS = (
    *("credential_process", "login_session", "role_arn", "sso_account_id", "sso_session", "sso_start_url"),
    "web_identity_token_file",
)
_IDENTITY_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"
_ASKING_VARIABLES = (
    *(ContainerProvider.ENV_VAR, ContainerProvider.ENV_VAR_FULL),
    _IDENTITY_FILE,
)


def rehearse(access: AwsAccess, environment: Mapping[str, str] = os.environ) -> None:
    """Raises ConfigurationError. Gets no credentials that somebody has to be asked for."""
    with as_configuration_error():
        session = session_of(AwsAccess(access.region, _NOBODYS, access.profile))
        for service in (ELASTICACHE.client_name, TAGGING.client_name, "sts"):
            url = access.elasticache_endpoint_url if service == ELASTICACHE.client_name else None
            session.create_client(service, endpoint_url=url)
        bundle = session.get_config_variable("ca_bundle")
    if bundle is not None:
        try:
            require_certificates(Path(bundle))
        except OSError as error:
            raise ConfigurationError(f"AWS configuration: ca_bundle '{bundle}': {error.strerror}") from None
    if access.keys is None:
        _check_credentials(session_of(access), environment)


def _check_credentials(session: LimitedSession, environment: Mapping[str, str]) -> None:
    """Whether there are any, or somebody who may give some."""
    with as_configuration_error():
        providers = session.get_component("credential_provider").providers
        if any(provider.load() for provider in providers if isinstance(provider, _LOCAL)):
            return
        profile = session.get_scoped_config()
        token_file = environment.get(_IDENTITY_FILE) or profile.get("web_identity_token_file")
        if token_file:
            Path(token_file).read_bytes()
        if (url := environment.get(ContainerProvider.ENV_VAR_FULL)) and ContainerProvider.ENV_VAR not in environment:
            (container,) = (provider for provider in providers if isinstance(provider, ContainerProvider))
            container._fetcher._validate_allowed_url(url)  # type: ignore[attr-defined] # noqa: SLF001 — before it asks
    is_asked_for = any(key in profile for key in _ASKING_KEYS) or any(name in environment for name in _ASKING_VARIABLES)
    if not is_asked_for and environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise NotSetUpError(NO_CREDENTIALS)
