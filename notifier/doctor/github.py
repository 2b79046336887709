"""Examines GitHub: the token, the repository, and whether issues can be written there. Only reads."""

from collections.abc import Callable, Iterator
from typing import Protocol

from fleet.errors import ConfigurationError, NotSetUpError, RemoteError
from notifier.doctor.checks import Check, failed, not_set, ok, warning
from notifier.doctor.remedies import unreachable

_SYSTEM = "github"
_TOKEN = "make a new token, and set GITHUB_TOKEN to it"  # noqa: S105 — a sentence
_REPOSITORY = "check GITHUB_REPOSITORY, and give GITHUB_TOKEN access to that repository"
_RIGHT = "give it the repository permission Issues (write), and its owner the role Write"


class Repository(Protocol):
    @property
    def full_name(self) -> str: ...
    @property
    def has_issues(self) -> bool: ...
    @property
    def archived(self) -> bool: ...
    @property
    def may_push(self) -> bool | None:
        """None if GitHub does not say."""


class Client(Protocol):
    def repository(self) -> Repository:
        """Raises RemoteError."""


def github_steps(client: Callable[[], Client]) -> Iterator[str | Check]:
    try:
        github = client()
    except NotSetUpError as error:
        yield not_set("token", str(error), "set GITHUB_TOKEN and GITHUB_REPOSITORY before checklist --post")
        return
    except ConfigurationError as error:
        is_repository = str(error).startswith("GITHUB_REPOSITORY")
        yield failed("repository" if is_repository else "token", str(error), "correct this setting")
        return
    yield "repository"
    try:
        repository = github.repository()
    except RemoteError as error:
        yield _refused(error)
        return
    yield ok("token", "GitHub accepts it")
    if repository.archived:
        yield failed("repository", f"{repository.full_name} is archived and cannot be written", _REPOSITORY)
    else:
        yield ok("repository", repository.full_name)
    if repository.has_issues:
        yield ok("issues", "turned on")
    else:
        yield failed("issues", "turned off", "turn them on in the repository's settings, or choose another")
    yield _push(repository)


def _push(repository: Repository) -> Check:
    if repository.may_push is None:
        return warning("push", "GitHub does not say what this token may do", _RIGHT)
    if not repository.may_push:
        return failed("push", f"the token may only read {repository.full_name}, as far as GitHub says", _RIGHT)
    return ok("push", "allowed")


def _refused(error: RemoteError) -> Check:
    said = error.cause
    if said.startswith("GITHUB_TOKEN is not accepted"):
        return failed("token", said.partition("; ")[0], _TOKEN)
    if "limit of requests" in said:
        return warning("repository", said, "run doctor again later")
    is_about_it = "is not there" in said or "renamed" in said or "GITHUB_TOKEN" in said
    return failed("repository", said, _REPOSITORY if is_about_it else unreachable(_SYSTEM))
