"""The regions to look at: one from the environment, or several from a file."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from fleet.aws.client import AwsAccess, AwsKeys, default_region, known_regions
from fleet.cloudfoundry.login import CfLogin, cf_login
from fleet.cloudfoundry.uaa import ClientCredentials
from fleet.errors import ConfigurationError
from fleet.program.secret_sources import SecretSources
from fleet.region import Quotas, Region

DEFAULT_SERVICE_OFFERINGS = "redis"
AWS_QUOTAS = Quotas()


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """As the command line or the environment gives them; None where it does not."""

    aws_region: str | None = None
    cf_api_address: str | None = None
    cf_service_offerings: str = DEFAULT_SERVICE_OFFERINGS
    """Comma-separated; also the default for the regions of a file."""
    regions_file: str | None = None


class RegionEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[regions]]` table of REGIONS_FILE; the settings are named as their variables."""

    name: str
    aws_region: str
    cf_api_address: str = ""
    cf_service_offerings: list[str] = []
    aws_role_arn: str | None = None
    aws_profile: str | None = None
    aws_endpoint_url_elasticache: str | None = None
    nodes_quota: int | None = None
    cache_parameter_groups_quota: int | None = None
    time_zone: str | None = None
    """Of the people whom it serves, such as `Europe/London`; maintenance windows are told in it."""
    secrets_prefix: str = ""
    """Put before CF_CLIENT_ID, CF_CLIENT_SECRET, AWS_ACCESS_KEY_ID, ... when this region's secrets are looked up."""


class _RegionsFile(msgspec.Struct, forbid_unknown_fields=True):
    regions: list[RegionEntry]


def regions(
    settings: RegionSettings, environment: Mapping[str, str], quotas: Quotas = AWS_QUOTAS
) -> tuple[Region, ...]:
    """
    Every region in the order given; `quotas` are those of regions that have none of their own.

    Raises ConfigurationError for whatever is missing, wrong or ambiguous.
    """
    return tuple(region(entry, settings, environment, quotas) for entry in region_entries(settings))


def region_entries(settings: RegionSettings) -> list[RegionEntry]:
    """What is said of the regions themselves; nobody's credentials are looked up for it. Raises ConfigurationError."""
    if settings.regions_file is not None:
        return entries_of_file(Path(settings.regions_file))
    return _known([_only_entry(settings)])


def entries_of_file(path: Path) -> list[RegionEntry]:
    """The regions of REGIONS_FILE. Raises ConfigurationError."""
    return _known(_entries(path))


def _known(entries: list[RegionEntry]) -> list[RegionEntry]:
    known = known_regions()
    for entry in entries:
        if entry.aws_region not in known:
            close = difflib.get_close_matches(entry.aws_region, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "write its code, such as eu-west-1"
            raise ConfigurationError(f"AWS_REGION '{entry.aws_region}': no such AWS region; {hint}")
    return entries


def _only_entry(settings: RegionSettings) -> RegionEntry:
    aws_region = settings.aws_region or default_region()
    if not aws_region:
        raise ConfigurationError(
            "AWS_REGION is not set: set it to the AWS region's code, such as eu-west-1, or set REGIONS_FILE"
        )
    return RegionEntry(name=aws_region, aws_region=aws_region, cf_api_address=settings.cf_api_address or "")


def _entries(path: Path) -> list[RegionEntry]:
    try:
        entries = msgspec.toml.decode(path.read_bytes(), type=_RegionsFile).regions
    except OSError as error:
        raise ConfigurationError(f"REGIONS_FILE '{path}': {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"REGIONS_FILE '{path}': {error}") from error
    if not entries:
        raise ConfigurationError(f"REGIONS_FILE '{path}': it names no region; add a [[regions]] table")
    for field in ("name", "aws_region"):
        values = [getattr(entry, field) for entry in entries]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise ConfigurationError(f"REGIONS_FILE '{path}': {field} '{twice}' is given to two regions")
    return entries


def region(
    entry: RegionEntry, settings: RegionSettings, environment: Mapping[str, str], quotas: Quotas = AWS_QUOTAS
) -> Region:
    """The region with its credentials. Raises ConfigurationError where they are missing or disagree with it."""
    secrets = SecretSources(environment)
    prefix = entry.secrets_prefix
    client = secrets.require_pair(f"{prefix}CF_CLIENT_ID", f"{prefix}CF_CLIENT_SECRET")
    if prefix and client is None:
        raise ConfigurationError(
            f"{prefix}CF_CLIENT_ID and {prefix}CF_CLIENT_SECRET are not set, for region '{entry.name}'"
        )
    credentials = ClientCredentials(*client) if client else cf_login(environment)
    keys = secrets.require_pair(f"{prefix}AWS_ACCESS_KEY_ID", f"{prefix}AWS_SECRET_ACCESS_KEY")
    session_token = secrets.get(f"{prefix}AWS_SESSION_TOKEN")
    return Region(
        name=entry.name,
        aws=AwsAccess(
            region=entry.aws_region,
            keys=AwsKeys(*keys, session_token) if keys else None,
            profile=entry.aws_profile,
            role_arn=entry.aws_role_arn,
            elasticache_endpoint_url=entry.aws_endpoint_url_elasticache,
        ),
        cf_api_address=_api_address(entry.cf_api_address, credentials),
        cf_credentials=credentials,
        cf_service_offerings=tuple(entry.cf_service_offerings) or _offerings(settings.cf_service_offerings),
        quotas=Quotas(
            nodes=entry.nodes_quota or quotas.nodes,
            cache_parameter_groups=entry.cache_parameter_groups_quota or quotas.cache_parameter_groups,
        ),
    )


def _api_address(configured: str, credentials: ClientCredentials | CfLogin) -> str:
    address = configured.strip().rstrip("/")
    if isinstance(credentials, CfLogin):
        target = credentials.target.rstrip("/")
        if address and address != target:
            raise ConfigurationError(
                f"CF_API_ADDRESS '{address}': cf is logged in to {target}; log in to the former,"
                " or set CF_CLIENT_ID and CF_CLIENT_SECRET"
            )
        address = target
    if not address:
        raise ConfigurationError(
            "CF_API_ADDRESS is not set: set it to the API's address, such as https://api.example.org"
        )
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"CF_API_ADDRESS '{address}': write it with its scheme, such as https://api.example.org"
        )
    if parts.username or parts.password:
        raise ConfigurationError(
            "CF_API_ADDRESS: it holds a user name or password; use CF_CLIENT_ID and CF_CLIENT_SECRET"
        )
    return address


def _offerings(text: str) -> tuple[str, ...]:
    offerings = tuple(word.strip() for word in text.split(",") if word.strip())
    if not offerings:
        raise ConfigurationError(f"CF_SERVICE_OFFERINGS '{text}': name at least one service offering, such as redis")
    return offerings
