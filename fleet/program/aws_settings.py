"""Checks the AWS settings in REGIONS_FILE and in boto3's own variables, without asking AWS."""

import re
from collections.abc import Mapping
from pathlib import Path

import botocore.session
from botocore.exceptions import BotoCoreError

from fleet.errors import ConfigurationError
from fleet.given_files import refuse_endless
from fleet.printable import one_line
from fleet.program.addresses import checked_address

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}")
_KEY = re.compile(r"[\x21-\x7e]+")
_ENDPOINT = "https://elasticache.eu-west-1.amazonaws.com"
_PROFILE = "AWS_PROFILE"
_NUMBERS = ("AWS_MAX_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS")
_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_NUMBER = re.compile(r"[0-9]{1,9}")
_MOST_CHARACTERS = 200
ENDPOINT_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ELASTICACHE",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API",
)


def checked_role_arn(setting: str, arn: str) -> str:
    """Raises ConfigurationError."""
    if not ROLE_ARN.fullmatch(arn):
        raise ConfigurationError(
            f"{setting} '{arn}': not the ARN of a role; write it as arn:aws:iam::123456789012:role/reader"
        )
    return arn


def agreed_apply_role(given: str | None, of_region: str | None, region_name: str) -> str | None:
    """The role that applies: as a setting gives it, or REGIONS_FILE. Raises ConfigurationError where they differ."""
    if given is None:
        return of_region
    role = checked_role_arn("--aws-apply-role-arn", given)
    if of_region not in {None, role}:
        raise ConfigurationError(
            f"--aws-apply-role-arn '{role}': REGIONS_FILE gives '{region_name}' another one, {of_region};"
            " change one of them"
        )
    return role


def checked_profile(setting: str, profile: str) -> str:
    """Raises ConfigurationError if the AWS configuration has no such profile, or cannot be read."""
    try:
        botocore.session.Session(profile=profile).get_scoped_config()
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS configuration: {setting} '{profile}': {error}") from None
    return profile


def checked_endpoint(setting: str, url: str) -> str:
    """Raises ConfigurationError."""
    return checked_address(setting, url, _ENDPOINT, may_have_path=True)


def check_environment(environment: Mapping[str, str]) -> None:
    """Raises ConfigurationError for an endpoint, a number, a file or a profile that cannot be used."""
    for variable in _NUMBERS:
        if (text := environment.get(variable)) and not _NUMBER.fullmatch(text):
            raise ConfigurationError(f"{variable} '{one_line(text, _MOST_CHARACTERS)}': not a whole number")
    for variable in ENDPOINT_VARIABLES:
        if url := environment.get(variable):
            checked_endpoint(variable, url)
    for variable in _FILES:
        if name := environment.get(variable):
            try:
                refuse_endless(Path(name).expanduser())
            except (OSError, RuntimeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "this user has no home folder"
                raise ConfigurationError(f"{variable} '{one_line(name, _MOST_CHARACTERS)}': {reason}") from None
    if profile := environment.get(_PROFILE):
        checked_profile(_PROFILE, profile)


def check_keys(prefix: str, access_key_id: str, session_token: str | None) -> None:
    """Raises ConfigurationError, without showing the value, if one of them does not fit into an HTTP header."""
    for name, value in (("AWS_ACCESS_KEY_ID", access_key_id), ("AWS_SESSION_TOKEN", session_token or "-")):
        if not _KEY.fullmatch(value):
            raise ConfigurationError(f"{prefix}{name}: it holds a character that AWS gives to none")
