"""Options that say where the team's issues are."""

from dataclasses import dataclass

import cloup

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.options import CONNECTIONS
from notifier.announce.github import DEFAULT_API_URL, GitHub, GitHubSettings
from notifier.options.connections import secret

_NONE, _EXAMPLE = "none", "team/platform"


@dataclass(frozen=True)
class GitHubArguments:
    github_repository: str | None
    github_api_url: str

    def client(self) -> GitHub:
        """Raises ConfigurationError."""
        return GitHub(self.settings())

    def settings(self) -> GitHubSettings:
        """Raises ConfigurationError, also where repository or token are missing."""
        if not self.github_repository:
            raise ConfigurationError("GITHUB_REPOSITORY is not set: write it as OWNER/NAME, such as team/platform")
        return self._settings_with(self.github_repository, secret("GITHUB_TOKEN", "", None).strip())

    def without_token(self) -> GitHubSettings | None:
        """Checked all the same; to know which issue is meant. None where no repository is set."""
        return self._settings_with(self.github_repository, _NONE) if self.github_repository else None

    def require_usable(self) -> None:
        """Checks all settings except the token, which not every command needs. Raises ConfigurationError."""
        self._settings_with(self.github_repository or _EXAMPLE, _NONE)

    def _settings_with(self, repository: str, token: str) -> GitHubSettings:
        url = checked_address("GITHUB_API_URL", self.github_api_url, DEFAULT_API_URL, may_have_path=True)
        return GitHubSettings(token, repository.strip(), url)


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
