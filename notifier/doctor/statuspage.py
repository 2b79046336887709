"""Examines the status page: its key, the page, and whether the components that are named are on it. Only reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from fleet.errors import ConfigurationError, RemoteError, ThrottledError
from notifier.doctor.checks import Check, failed, not_set, ok, warning
from notifier.doctor.remedies import unreachable

_SYSTEM = "statuspage"
_KEY = "make a new key at Statuspage, and set STATUSPAGE_API_KEY"
_PAGE = "set STATUSPAGE_PAGE_ID to the id that Statuspage shows beside its API keys"
_COMPONENTS = "correct STATUSPAGE_COMPONENTS, or statuspage_components in REGIONS_FILE"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404

Choose = Callable[[Sequence[str]], Sequence[str]]


class Page(Protocol):
    def chooser(self) -> Choose:
        """
        Asks for the page's components, and gives a function that finds those with the given names.

        Raises RemoteError; the function raises ConfigurationError for a name that no component has.
        """


def statuspage_steps(page: Callable[[], Page | None], named: Mapping[str, Sequence[str]]) -> Iterator[str | Check]:
    """`named` has the components' names by where they are named."""
    try:
        found = page()
    except ConfigurationError as error:
        is_page = str(error).startswith("STATUSPAGE_PAGE_ID")
        yield failed("page" if is_page else "key", str(error), _PAGE if is_page else "correct this setting")
        return
    if found is None:
        detail = "STATUSPAGE_API_KEY is not set: schedule prints the text to paste"
        yield not_set("key", detail, "set STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID")
        return
    yield "page"
    try:
        choose = found.chooser()
    except RemoteError as error:
        yield _unanswered(error)
        return
    yield ok("key", "Statuspage accepts it")
    yield ok("page", "it is there")
    yield from _components(choose, named)


def _components(choose: Choose, named: Mapping[str, Sequence[str]]) -> Iterator[Check]:
    problems, count = [], 0
    for where, names in named.items():
        try:
            count += len(choose(names))
        except ConfigurationError as error:
            problems.append(f"{where}: {str(error).removeprefix('--component ')}")
    if problems:
        yield failed("components", "; ".join(problems), _COMPONENTS)
    elif count:
        yield ok("components", f"{count} named, all on the page")
    else:
        yield not_set("components", "none are named: the incident will name none", "set STATUSPAGE_COMPONENTS")


def _unanswered(error: RemoteError) -> Check:
    said = error.cause.partition("; ")[0]
    if isinstance(error, ThrottledError):
        return warning("page", said, "another program uses the same key; run doctor again in a minute")
    status = getattr(error, "status", None)
    if status in (_UNAUTHORIZED, _FORBIDDEN):
        return failed("key", said, _KEY)
    if status == _NOT_FOUND:
        return failed("page", said, _PAGE)
    return failed("page", said, unreachable(_SYSTEM))
