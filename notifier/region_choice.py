"""Finds the region that the operator means, by the runbook's name for it or in REGIONS_FILE."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from fleet.aws.client import AwsAccess
from fleet.errors import ConfigurationError
from fleet.program.aws_settings import agreed_apply_role
from fleet.program.regions import (
    RegionEntry,
    RegionSettings,
    aws_access,
    cf_access,
    check_libraries,
    entries_of_file,
    region,
    region_entries,
)
from fleet.program.secret_sources import SecretSources
from fleet.program.tenant_settings import tenancy_of
from fleet.program.time_zones import time_zone as zone_named
from fleet.region import DEFAULT_TIME_ZONE, CfAccess, Region
from fleet.tenants.tenancy import Tenancy

KNOWN_REGIONS = {"Ireland": "eu-west-1", "London": "eu-west-2"}


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """What we know about the region before looking up any credentials."""

    name: str
    """The name that people use, such as `Ireland`."""
    aws_region: str
    time_zone: ZoneInfo
    _entry: RegionEntry
    _settings: RegionSettings

    @property
    def statuspage_components(self) -> tuple[str, ...]:
        """Those that REGIONS_FILE names for the region."""
        return tuple(self._entry.statuspage_components)

    @property
    def address_book(self) -> str | None:
        """The path that REGIONS_FILE names for the region."""
        return self._entry.address_book

    @property
    def tenancy(self) -> Tenancy:
        """Raises ConfigurationError."""
        return tenancy_of(self._entry, self._settings)

    def with_credentials(self, environment: Mapping[str, str]) -> Region:
        """Raises ConfigurationError if they are missing, or belong to another Cloud Foundry than the region's."""
        check_libraries(environment)
        secrets = SecretSources(environment)
        return replace(region(self._entry, self._settings, environment, secrets), name=self.name)

    def aws_access(self, secrets: SecretSources) -> AwsAccess:
        """Raises ConfigurationError for settings of AWS, and for no others."""
        return aws_access(self._entry, secrets)

    def acting_aws(self, secrets: SecretSources, apply_role_arn: str | None) -> AwsAccess:
        """How updates are started and stopped, with the role that is given. Raises ConfigurationError as above."""
        access = self.aws_access(secrets)
        role = agreed_apply_role(apply_role_arn, self._entry.aws_apply_role_arn, self.name)
        return access if role is None else replace(access, role_arn=role)

    def cf_access(self, environment: Mapping[str, str], secrets: SecretSources) -> CfAccess | None:
        """None where it is not asked. Raises ConfigurationError for settings of Cloud Foundry, and for no others."""
        return cf_access(self._entry, self._settings, environment, secrets)


def region_names(regions_file: str | None) -> list[str]:
    """The names that `region_choice` knows. Raises ConfigurationError if the file cannot be read."""
    if regions_file is None:
        return list(KNOWN_REGIONS)
    return [entry.name for entry in entries_of_file(Path(regions_file))]


def region_choice(name: str | None, settings: RegionSettings, time_zone: str | None) -> RegionChoice:
    """Raises ConfigurationError for a name that is unknown or ambiguous, or that contradicts other settings."""
    if settings.regions_file is None:
        entry = _from_environment(name, settings)
    else:
        entry = _from_file(name, region_entries(settings), settings)
    return RegionChoice(
        name=entry.name,
        aws_region=entry.aws_region,
        time_zone=zone_named("--time-zone", time_zone or entry.time_zone or DEFAULT_TIME_ZONE),
        _entry=entry,
        _settings=settings,
    )


def _from_environment(name: str | None, settings: RegionSettings) -> RegionEntry:
    if name is None:
        entry = region_entries(settings)[0]
        names = {code: known for known, code in KNOWN_REGIONS.items()}
        entry.name = names.get(entry.aws_region, entry.name)
        return entry
    codes = {known.lower(): code for known, code in KNOWN_REGIONS.items()}
    code = codes.get(name.strip().lower())
    if code is None and name.strip().lower() in codes.values():
        return _from_environment(None, replace(settings, aws_region=_agreed(name, name.strip().lower(), settings)))
    if code is None:
        raise ConfigurationError(
            f"--region '{name}': not known; known are {' and '.join(KNOWN_REGIONS)}, others have to be in REGIONS_FILE"
        )
    return _from_environment(None, replace(settings, aws_region=_agreed(name, code, settings)))


def _agreed(name: str, code: str, settings: RegionSettings) -> str:
    if settings.aws_region is not None and settings.aws_region != code:
        raise ConfigurationError(
            f"--region '{name}' is {code}, but AWS_REGION is '{settings.aws_region}': the wrong tenants would be told;"
            " change one of them"
        )
    return code


def _from_file(name: str | None, entries: list[RegionEntry], settings: RegionSettings) -> RegionEntry:
    known = ", ".join(entry.name for entry in entries)
    wanted = name.strip().lower() if name is not None else settings.aws_region
    if wanted is None:
        if len(entries) > 1:
            raise ConfigurationError(f"--region is not set: choose one of REGIONS_FILE: {known}")
        return entries[0]
    entry = next((entry for entry in entries if wanted in (entry.name.lower(), entry.aws_region)), None)
    if entry is None:
        flag = "--region" if name is not None else "AWS_REGION"
        raise ConfigurationError(f"{flag} '{name or wanted}': not in REGIONS_FILE, which has {known}")
    if name is not None:
        _agreed(name, entry.aws_region, settings)
    stated, own = (settings.cf_api_address or "").strip().rstrip("/"), entry.cf_api_address.strip().rstrip("/")
    if stated and own and stated != own:
        raise ConfigurationError(
            f"CF_API_ADDRESS '{stated}': REGIONS_FILE gives '{entry.name}' another one, {own}; change one of them"
        )
    return entry
