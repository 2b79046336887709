"""The regions to survey, each with the credentials for its systems."""

from collections.abc import Mapping

from fleet.aws.client import AwsAccess, AwsKeys
from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.cloudfoundry.login import CfLogin, cf_login
from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.aws_settings import check_environment, check_keys
from fleet.program.network_settings import check_network_settings
from fleet.program.region_entries import RegionEntry, RegionSettings, entries_of_file, region_entries
from fleet.program.secret_sources import SecretSources
from fleet.program.tenant_settings import tenancy_of
from fleet.region import DEFAULT_TIME_ZONE, CfAccess, Quotas, Region

__all__ = [
    "RegionEntry",
    "RegionSettings",
    "aws_access",
    "cf_access",
    "check_libraries",
    "entries_of_file",
    "region",
    "region_entries",
    "regions",
]

AWS_QUOTAS = Quotas()
_API, _UAA = "https://api.example.org", "https://uaa.example.org"


def regions(
    settings: RegionSettings, environment: Mapping[str, str], quotas: Quotas = AWS_QUOTAS
) -> tuple[Region, ...]:
    """
    All regions in the order given. `quotas` apply to regions that have none of their own.

    Reads every setting and file that concerns the regions, and asks no remote system. Raises ConfigurationError for a
    missing, wrong or ambiguous setting.
    """
    check_libraries(environment)
    secrets = SecretSources(environment)
    return tuple(region(entry, settings, environment, secrets, quotas) for entry in region_entries(settings))


def check_libraries(environment: Mapping[str, str]) -> None:
    """Checks settings that boto3 and requests read themselves, and would complain about only during a survey."""
    check_network_settings(environment)
    check_environment(environment)


def region(
    entry: RegionEntry,
    settings: RegionSettings,
    environment: Mapping[str, str],
    secrets: SecretSources,
    quotas: Quotas = AWS_QUOTAS,
) -> Region:
    """The region with its credentials. Raises ConfigurationError if they are missing or do not fit the region."""
    return Region(
        name=entry.name,
        aws=aws_access(entry, secrets),
        cloudfoundry=cf_access(entry, settings, environment, secrets),
        tenancy=tenancy_of(entry, settings),
        time_zone=entry.time_zone or DEFAULT_TIME_ZONE,
        aws_apply_role_arn=entry.aws_apply_role_arn,
        quotas=Quotas(
            nodes=quotas.nodes if entry.nodes_quota is None else entry.nodes_quota,
            cache_parameter_groups=(
                quotas.cache_parameter_groups
                if entry.cache_parameter_groups_quota is None
                else entry.cache_parameter_groups_quota
            ),
        ),
    )


def aws_access(entry: RegionEntry, secrets: SecretSources) -> AwsAccess:
    """How to reach the region's AWS, whatever its Cloud Foundry is. Raises ConfigurationError."""
    return AwsAccess(
        region=entry.aws_region,
        keys=_keys(entry, secrets),
        profile=entry.aws_profile,
        role_arn=entry.aws_role_arn,
        elasticache_endpoint_url=entry.aws_endpoint_url_elasticache,
    )


def cf_access(
    entry: RegionEntry, settings: RegionSettings, environment: Mapping[str, str], secrets: SecretSources
) -> CfAccess | None:
    """
    How to reach the region's Cloud Foundry, whatever its AWS is; None where it is not asked.

    Raises ConfigurationError.
    """

    def access() -> CfAccess:
        credentials = _credentials(entry, environment, secrets)
        return CfAccess(
            api_address=_api_address(entry.cf_api_address, credentials),
            credentials=credentials,
            service_offerings=_offerings(entry, settings),
            service_brokers=_brokers(entry, settings),
        )

    return tenancy_of(entry, settings).unless_from_tags(entry.cf_api_address, access)


def _keys(entry: RegionEntry, secrets: SecretSources) -> AwsKeys | None:
    """None leaves the keys to the usual AWS chain. A profile that the region names wins over keys without a prefix."""
    prefix = entry.secrets_prefix
    if entry.aws_profile is not None and not prefix:
        return None
    pair = secrets.require_pair(f"{prefix}AWS_ACCESS_KEY_ID", f"{prefix}AWS_SECRET_ACCESS_KEY")
    if pair is None:
        return None
    if entry.aws_profile is not None:
        raise ConfigurationError(
            f"{prefix}AWS_ACCESS_KEY_ID is set, and region '{entry.name}' has aws_profile '{entry.aws_profile}':"
            " keep one of the two"
        )
    session_token = secrets.get(f"{prefix}AWS_SESSION_TOKEN")
    check_keys(prefix, pair[0], session_token)
    return AwsKeys(*pair, session_token)


def _credentials(
    entry: RegionEntry, environment: Mapping[str, str], secrets: SecretSources
) -> ClientCredentials | CfLogin:
    prefix = entry.secrets_prefix
    client = secrets.require_pair(f"{prefix}CF_CLIENT_ID", f"{prefix}CF_CLIENT_SECRET")
    uaa = entry.cf_uaa_address.strip()
    if client is not None:
        return ClientCredentials(
            *client, checked_address("CF_UAA_ADDRESS", uaa, _UAA, may_have_path=True) if uaa else ""
        )
    if prefix:
        raise ConfigurationError(
            f"{prefix}CF_CLIENT_ID and {prefix}CF_CLIENT_SECRET are not set, for region '{entry.name}'"
        )
    login = cf_login(environment)
    if uaa:
        raise ConfigurationError("CF_UAA_ADDRESS is set, but CF_CLIENT_ID is not: cf login knows its UAA; unset it")
    return login


def _api_address(configured: str, credentials: ClientCredentials | CfLogin) -> str:
    address = configured.strip().rstrip("/")
    if isinstance(credentials, CfLogin):
        target = credentials.target.rstrip("/")
        if address and address != target:
            raise ConfigurationError(
                f"CF_API_ADDRESS '{address}': cf is logged in to {target}; log in to CF_API_ADDRESS instead,"
                " or set CF_CLIENT_ID and CF_CLIENT_SECRET"
            )
        return checked_address("the target of cf login", target, _API)
    if not address:
        raise ConfigurationError(
            "CF_API_ADDRESS is not set: set it to the API's address, such as https://api.example.org"
        )
    return checked_address("CF_API_ADDRESS", address, _API)


def _offerings(entry: RegionEntry, settings: RegionSettings) -> tuple[str, ...]:
    if entry.cf_service_offerings:
        return tuple(dict.fromkeys(entry.cf_service_offerings))
    text = settings.cf_service_offerings
    return _names(text, f"CF_SERVICE_OFFERINGS '{text}': name at least one service offering, such as redis")


def _brokers(entry: RegionEntry, settings: RegionSettings) -> tuple[str, ...]:
    if entry.cf_service_brokers or not settings.cf_service_brokers:
        return tuple(dict.fromkeys(entry.cf_service_brokers))
    text = settings.cf_service_brokers
    return _names(text, f"CF_SERVICE_BROKERS '{text}': name at least one service broker, or leave it out")


def _names(text: str, otherwise: str) -> tuple[str, ...]:
    """The names between the commas, each once. Raises ConfigurationError with the message `otherwise`."""
    names = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if not names or not all(name.isprintable() for name in names):
        raise ConfigurationError(otherwise)
    return names
