"""Reads each region's own settings from REGIONS_FILE or from variables, without looking up any credentials."""

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from fleet.aws.client import default_region, known_regions
from fleet.errors import ConfigurationError, NotSetUpError
from fleet.given_files import whole_file
from fleet.known_types import known
from fleet.program.aws_settings import ROLE_ARN, checked_endpoint, checked_profile, checked_role_arn
from fleet.program.time_zones import time_zone
from fleet.tenants.group_id import DEFAULT, group_ids
from fleet.tenants.tags import WORDS, tenant_tags_of_table
from fleet.unreadable import UNREADABLE, why_unreadable

DEFAULT_SERVICE_OFFERINGS = "redis"
MOST_QUOTA = 1_000_000
_PREFIX = re.compile(r"[A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """The settings that the command line or the environment gives; None if neither does."""

    aws_region: str | None = None
    cf_api_address: str | None = None
    cf_uaa_address: str | None = None
    cf_service_offerings: str = DEFAULT_SERVICE_OFFERINGS
    """Separated by commas; also the default for the regions in a file."""
    cf_service_brokers: str | None = None
    """In the same form as `cf_service_offerings`."""
    replication_group_id: str = DEFAULT
    """Also the default for the regions in a file."""
    tenant_tags: str | None = None
    """Likewise."""
    regions_file: str | None = None


def _says(description: str, **constraints: object) -> msgspec.Meta:
    """For `docs/regions.schema.json`, which `make schema` writes. It checks nothing here; `_check` does."""
    return msgspec.Meta(description=description, extra_json_schema=constraints)


class RegionEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[regions]]` table of REGIONS_FILE. Its keys have the names of the variables, in small letters."""

    name: Annotated[str, _says("The name that people use, and that --region of the notifier takes.", minLength=1)]
    aws_region: Annotated[str, _says("The code of the AWS region, such as eu-west-1.")]
    cf_api_address: Annotated[str, _says("The address of Cloud Foundry's API, with its scheme.")] = ""
    cf_uaa_address: Annotated[str, _says("The address of the UAA, if it is outside of the API's domain.")] = ""
    cf_service_offerings: Annotated[
        list[str], _says("The service offerings whose instances run on ElastiCache; else CF_SERVICE_OFFERINGS.")
    ] = []
    cf_service_brokers: Annotated[
        list[str], _says("The brokers of these offerings, if another broker has one of the same name.")
    ] = []
    replication_group_id: Annotated[
        str | None, _says("How the broker names a replication group, such as prd-{guid}; else REPLICATION_GROUP_ID.")
    ] = None
    tenant_tags: Annotated[
        dict[str, str] | None,
        _says(
            "Tag keys of groups: guid, or org with space, name and address; else TENANT_TAGS. Empty for none of them.",
            propertyNames={"enum": list(WORDS)},
        ),
    ] = None
    address_book: Annotated[
        str | None, _says("A TOML file, as seen from this one, of who is told for an org; else ADDRESS_BOOK.")
    ] = None
    aws_role_arn: Annotated[
        str | None, _says("A role to assume with the credentials that are found.", pattern=f"^{ROLE_ARN.pattern}$")
    ] = None
    aws_apply_role_arn: Annotated[
        str | None, _says("A role that may start and stop updates, for apply.", pattern=f"^{ROLE_ARN.pattern}$")
    ] = None
    aws_profile: Annotated[str | None, _says("A profile of the AWS configuration, instead of keys.")] = None
    aws_endpoint_url_elasticache: Annotated[
        str | None, _says("Another address of ElastiCache, such as a VPC endpoint.")
    ] = None
    nodes_quota: Annotated[
        int | None, _says("How many cache nodes the account may have here.", minimum=1, maximum=MOST_QUOTA)
    ] = None
    cache_parameter_groups_quota: Annotated[
        int | None, _says("How many cache parameter groups the account may have here.", minimum=1, maximum=MOST_QUOTA)
    ] = None
    time_zone: Annotated[
        str | None,
        _says("The time zone of the region's tenants, such as Europe/London. Mails give maintenance windows in it."),
    ] = None
    statuspage_components: Annotated[
        list[str], _says("The status page's components that a maintenance in this region affects, by name or id.")
    ] = []
    secrets_prefix: Annotated[
        str,
        _says(
            "A prefix for CF_CLIENT_ID, AWS_ACCESS_KEY_ID, ... when this region's secrets are looked up.",
            pattern=f"^{_PREFIX.pattern}$",
        ),
    ] = ""


class RegionsFile(msgspec.Struct, forbid_unknown_fields=True):
    """The whole of REGIONS_FILE."""

    regions: Annotated[list[RegionEntry], _says("A [[regions]] table for each region.", minItems=1)]


def region_entries(settings: RegionSettings) -> list[RegionEntry]:
    """The regions in the order given. Raises ConfigurationError for a missing, wrong or ambiguous setting."""
    if settings.regions_file is not None:
        return entries_of_file(Path(settings.regions_file))
    entry = _only_entry(settings)
    _check_aws_region("", entry.aws_region)
    return [entry]


def entries_of_file(path: Path) -> list[RegionEntry]:
    """The regions of REGIONS_FILE. Raises ConfigurationError."""
    where = f"REGIONS_FILE '{path}': "
    try:
        entries = msgspec.toml.decode(whole_file(path), type=known(RegionsFile)).regions
    except OSError as error:
        raise ConfigurationError(f"{where}{error.strerror}") from None
    except UNREADABLE as error:
        raise ConfigurationError(f"{where}{why_unreadable(error)}") from None
    if not entries:
        raise ConfigurationError(f"{where}it names no region; add a [[regions]] table")
    for entry in entries:
        _check(where, entry)
    _check_no_name_twice(where, entries)
    return entries


def _only_entry(settings: RegionSettings) -> RegionEntry:
    aws_region = settings.aws_region or default_region()
    if not aws_region:
        raise NotSetUpError(
            "AWS_REGION is not set: set it to the AWS region's code, such as eu-west-1, or set REGIONS_FILE"
        )
    return RegionEntry(
        name=aws_region,
        aws_region=aws_region,
        cf_api_address=settings.cf_api_address or "",
        cf_uaa_address=settings.cf_uaa_address or "",
    )


def _check(where: str, entry: RegionEntry) -> None:
    entry.name = entry.name.strip()
    if not entry.name or not entry.name.isprintable():
        raise ConfigurationError(f"{where}name '{entry.name}': give the region a name that people can read")
    of_region = f"{where}{entry.name}: "
    _check_aws_region(of_region, entry.aws_region)
    _check_names(f"{of_region}cf_service_offerings", entry.cf_service_offerings)
    _check_names(f"{of_region}cf_service_brokers", entry.cf_service_brokers)
    _check_names(f"{of_region}statuspage_components", entry.statuspage_components)
    for key, quota in (
        ("nodes_quota", entry.nodes_quota),
        ("cache_parameter_groups_quota", entry.cache_parameter_groups_quota),
    ):
        if quota is not None and not 1 <= quota <= MOST_QUOTA:
            raise ConfigurationError(
                f"{of_region}{key} '{quota}': write a number from 1 to {MOST_QUOTA}, or leave it out"
            )
    _check_tenants(of_region, entry)
    if not _PREFIX.fullmatch(entry.secrets_prefix):
        raise ConfigurationError(
            f"{of_region}secrets_prefix '{entry.secrets_prefix}': no variable begins so; write it as LONDON_"
        )
    if entry.time_zone is not None:
        time_zone(f"{of_region}time_zone", entry.time_zone)
    if entry.aws_role_arn is not None:
        checked_role_arn(f"{of_region}aws_role_arn", entry.aws_role_arn)
    if entry.aws_apply_role_arn is not None:
        checked_role_arn(f"{of_region}aws_apply_role_arn", entry.aws_apply_role_arn)
    if entry.aws_profile is not None:
        checked_profile(f"{of_region}aws_profile", entry.aws_profile)
    if entry.aws_endpoint_url_elasticache is not None:
        checked_endpoint(f"{of_region}aws_endpoint_url_elasticache", entry.aws_endpoint_url_elasticache)


def _check_tenants(of_region: str, entry: RegionEntry) -> None:
    if entry.replication_group_id is not None:
        group_ids(entry.replication_group_id, of_region)
    if entry.tenant_tags is not None:
        tenant_tags_of_table(entry.tenant_tags, of_region)


def _check_names(setting: str, names: list[str]) -> None:
    if not all(name.strip() and name.isprintable() for name in names):
        raise ConfigurationError(f"{setting}: one of them has no name")


def _check_aws_region(where: str, code: str) -> None:
    known = known_regions()
    if code not in known:
        close = difflib.get_close_matches(code, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "write its code, such as eu-west-1"
        raise ConfigurationError(f"{where}AWS_REGION '{code}': no such AWS region; {hint}")


def _check_no_name_twice(where: str, entries: list[RegionEntry]) -> None:
    """A region is chosen by its name, in upper or lower case, or by its code, so each must mean only one region."""
    codes = Counter(entry.aws_region for entry in entries)
    names = Counter(entry.name.casefold() for entry in entries)
    for entry in entries:
        if codes[entry.aws_region] > 1:
            raise ConfigurationError(f"{where}aws_region '{entry.aws_region}' is given to two regions")
        if names[entry.name.casefold()] > 1:
            raise ConfigurationError(f"{where}name '{entry.name}' is given to two regions")
        if entry.name.casefold() in codes and entry.name.casefold() != entry.aws_region:
            raise ConfigurationError(f"{where}name '{entry.name}' is the code of another region; choose another name")
