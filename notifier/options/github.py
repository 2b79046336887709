"""Options that say where the team's issues are."""

from dataclasses import dataclass

import cloup

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.options import CONNECTIONS
from notifier.announce.github import DEFAULT_API_URL, GitHub, GitHubSettings
from notifier.options.connections import secret

_NONE = "none"


@dataclass(frozen=True)
class GitHubArguments:
    github_repository: str | None
    github_api_url: str

    def settings(self) -> GitHubSettings:
        """Raises ConfigurationError, also where repository or token are missing."""
        self.require_usable()
        if not self.github_repository:
            raise ConfigurationError("GITHUB_REPOSITORY is not set: write it as OWNER/NAME, such as team/platform")
        return GitHubSettings(
            secret("GITHUB_TOKEN", "", None).strip(), self.github_repository.strip(), self._checked_url()
        )

    def client(self) -> GitHub:
        """Raises ConfigurationError."""
        return GitHub(self.settings())

    def without_token(self) -> GitHubSettings | None:
        """To know which issue is meant, without asking for it. None where no repository is set."""
        if not self.github_repository:
            return None
        return GitHubSettings(_NONE, self.github_repository.strip(), self._checked_url())

    def require_usable(self) -> None:
        """Checks all settings except the token, which not every command needs. Raises ConfigurationError."""
        self._checked_url()
        self.without_token()

    def _checked_url(self) -> str:
        return checked_address("GITHUB_API_URL", self.github_api_url, DEFAULT_API_URL, may_have_path=True)


github_options = grouped(
    "github",
    GitHubArguments,
    cloup.option(
        "--github-repository",
        envvar="GITHUB_REPOSITORY",
        show_envvar=True,
        metavar="OWNER/NAME",
        help="The repository in which the team's stories are issues.",
    ),
    cloup.option(
        "--github-api-url",
        envvar="GITHUB_API_URL",
        default=DEFAULT_API_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="The address of GitHub's API; https://HOST/api/v3 on an Enterprise Server.",
    ),
    heading=CONNECTIONS,
)
