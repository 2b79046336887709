"""Which of the page's components are meant: by id, by name, or as GROUP/NAME. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from fleet.errors import ConfigurationError
from notifier.announce.incident import Component


def chosen_components(named: Iterable[str], on_the_page: Sequence[Component]) -> tuple[str, ...]:
    """
    The ids, each once; a group stands for all that is in it.

    Raises ConfigurationError for a name that there is not, or that several have.
    """
    names = _names(on_the_page)
    ids = [component.id for text in named for component in _meant(text.strip(), on_the_page, names)]
    return tuple(dict.fromkeys(ids))


def _meant(text: str, on_the_page: Sequence[Component], names: Mapping[str, str]) -> list[Component]:
    found = [component for component in on_the_page if component.id == text]
    found = found or [c for c in on_the_page if text in (c.name.strip(), names[c.id])]
    found = found or [c for c in on_the_page if text.casefold() in (c.name.strip().casefold(), names[c.id].casefold())]
    if not found:
        known = ", ".join(sorted(names[c.id] for c in on_the_page)) or "none"
        raise ConfigurationError(f"--component '{text}': not on the page, which has {known}")
    if len(found) > 1:
        forms = ", ".join(f"{names[component.id]} ({component.id})" for component in found)
        raise ConfigurationError(f"--component '{text}': {len(found)} have this name: {forms}; give one's id")
    (one,) = found
    if not one.is_group:
        return [one]
    members = [component for component in on_the_page if component.group_id == one.id and not component.is_group]
    if not members:
        raise ConfigurationError(f"--component '{text}': a group without components; name a component")
    return members


def _names(on_the_page: Sequence[Component]) -> dict[str, str]:
    """By id, the long form: `GROUP/NAME` for what is in a group."""
    groups = {component.id: f"{component.name.strip()}/" for component in on_the_page if component.is_group}
    return {c.id: groups.get(c.group_id or "", "") + c.name.strip() for c in on_the_page}
