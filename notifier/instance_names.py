"""Which service instance, and which org, an operator means. Pure."""

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance


def long_name(instance: ServiceInstance) -> str:
    """Such as `org/space/cache`, or `org/cache` where there is no space."""
    return "/".join((instance.org_name, *filter(None, [instance.space_name]), instance.name))


def named_instance(text: str, instances: Sequence[ServiceInstance], flag: str = "INSTANCE") -> ServiceInstance:
    """
    By guid, name or `ORG/SPACE/NAME`; names may hold slashes, so the whole is compared.

    Raises ConfigurationError where there is none, or where several are called so, with all of them.
    """
    for found in (
        [instance for instance in instances if instance.guid == text],
        [instance for instance in instances if text in (instance.name, long_name(instance))],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(_unique_names(found, instances))
            raise ConfigurationError(f"{len(found)} instances are called '{text}': {names}; use one of these names")
    raise ConfigurationError(
        f"{flag} '{text}': no instance has that guid or name{_closest(text, instances)};"
        " write its guid, its name or ORG/SPACE/NAME"
    )


def named_org(
    text: str, instances: Iterable[ServiceInstance], flag: str = "--org", org_word: str = "org"
) -> tuple[str, str]:
    """Guid and name, by either of them. Raises ConfigurationError where it is none, or one of several."""
    orgs = {(instance.org_guid, instance.org_name) for instance in instances}
    found = sorted(org for org in orgs if text in org)
    if not found:
        raise ConfigurationError(f"{flag} '{text}': no {org_word} with a Redis instance has that name or guid")
    if len(found) > 1:
        guids = ", ".join(guid for guid, _ in found)
        raise ConfigurationError(f"{flag} '{text}': several orgs have that name; give the guid of one: {guids}")
    return found[0]


def _unique_names(found: Iterable[ServiceInstance], instances: Iterable[ServiceInstance]) -> list[str]:
    """Long names; guids where another instance answers to it too, be it by a name that holds slashes."""
    called = Counter(name for instance in instances for name in {instance.name, long_name(instance)})
    return sorted(long_name(one) if called[long_name(one)] == 1 else one.guid for one in found)


def _closest(text: str, instances: Iterable[ServiceInstance]) -> str:
    names = {name for instance in instances for name in (instance.name, long_name(instance))}
    close = difflib.get_close_matches(text, names, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
