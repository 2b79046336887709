"""Examines whether tenants and groups belong together, by a survey such as every command takes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from fleet.errors import ConfigurationError, RemoteError
from fleet.region import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from fleet.tenants.claims import Claims
from notifier.doctor.checks import Check, failed, ok, warning

CHECK = "belongs to AWS"
TAGS = "tags"
_MISMATCH = "check AWS_REGION, the AWS account, CF_API_ADDRESS, CF_SERVICE_OFFERINGS and REPLICATION_GROUP_ID"
_TAGS = "check TENANT_TAGS, AWS_REGION and the AWS account"
_BOOK = "print names them; write an org as it is called, in upper and lower case"
_READING = "allow tag:GetResources (docs/permissions.md)"


class Contact(Protocol):
    @property
    def address(self) -> str | None: ...


class WhoIsTold(Protocol):
    """Of all orgs of a survey."""

    def contacts(self, survey: Survey, address_tag: str) -> Mapping[str, tuple[Contact, ...]]:
        """Whom to tell, by the key of the address tag and the address book."""

    def unknown_in_book(self, survey: Survey) -> int:
        """How many entries of the address book are for none of them."""


def belonging_steps(region: Callable[[], Region], told: WhoIsTold) -> Iterator[str | Check]:
    yield CHECK
    known = region()
    remedy = _MISMATCH if known.cloudfoundry is not None else _TAGS
    surveyor = Surveyor(known, with_quota_use=False)
    try:
        with surveyor.begun() as under_way:
            survey, claims = under_way.survey(), under_way.claims()
    except ConfigurationError as error:
        yield failed(CHECK, str(error), remedy)
        return
    except RemoteError as error:
        if error.system != "tagging":
            raise
        yield failed(TAGS, str(error), _READING)
        return
    yield _belonging(survey, remedy) if known.cloudfoundry is not None else _tenants(survey)
    yield from _tags(claims)
    if known.cloudfoundry is None and survey.service_instances:
        yield _addresses(survey, told.contacts(survey, known.tenancy.address_tag))
    if count := told.unknown_in_book(survey):
        yield warning("address book", f"{count} of its entries are for no org that has an instance here", _BOOK)


def _belonging(survey: Survey, remedy: str) -> Check:
    total, unknown = len(survey.service_instances), len(survey.unknown_instances)
    if not total:
        detail = "Cloud Foundry has no instances of the offerings yet, so nothing says whether it is the right one"
        return warning(CHECK, detail, remedy)
    return ok(CHECK, f"AWS knows the groups of {total - unknown} of {total} instances")


def _tenants(survey: Survey) -> Check:
    orgs = {instance.org_guid for instance in survey.service_instances}
    if not orgs:
        return warning(CHECK, "no group has the tag that says whose it is, so nobody would be told", _TAGS)
    return ok(CHECK, f"{len(survey.service_instances)} instances of {len(orgs)} tenants")


def _tags(claims: Claims) -> Iterator[Check]:
    """How many groups have the tag of each word; none at all is worth a look."""
    if claims.tagged:
        yield ok(TAGS, "readable")
    for word, count in (claims.tagged or {}).items():
        detail = f"{count} of {claims.groups_count} groups have the tag of '{word}'"
        if count or not claims.groups_count:
            yield ok(f"tag of {word}", detail)
        else:
            yield warning(f"tag of {word}", detail, "check TENANT_TAGS: keys are case-sensitive")


def _addresses(survey: Survey, found: Mapping[str, tuple[Contact, ...]]) -> Check:
    orgs = {instance.org_guid for instance in survey.service_instances}
    told = sum(any(contact.address for contact in found.get(org, ())) for org in orgs)
    on_purpose = sum(found.get(org) == () for org in orgs)
    detail = f"{told} of {len(orgs)} tenants have an address"
    if on_purpose:
        detail += f", {on_purpose} are told to nobody on purpose"
    if told + on_purpose == len(orgs):
        return ok("addresses", detail)
    return warning(
        "addresses", detail, "put the others' addresses into their tags or into ADDRESS_BOOK; print names them"
    )
