"""The settings that `doctor` examines. Each is read when it is looked at, so that a wrong one hides no other."""

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fleet.aws.client import AwsAccess
from fleet.errors import ConfigurationError, NotSetUpError
from fleet.program.grouping import Command, under_heading
from fleet.program.network_settings import NETWORK_VARIABLES, check_network_settings
from fleet.program.options import CONNECTIONS, region_options
from fleet.program.regions import RegionSettings
from fleet.program.secrecy import secrets_given
from fleet.program.time_zones import time_zone
from fleet.tally import Tally
from fleet.tenants.tenancy import Tenancy, refuse_accounts_of_nobody
from notifier.announce.github import GitHub
from notifier.announce.statuspage import Patience, Statuspage, Timing
from notifier.apply.actions import ACTING_CALLS, Actions
from notifier.contacts.paas_accounts import PaasAccounts
from notifier.mail.notify import Notify
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.connections import apply_role_option, inspected_ledger, secret_sources
from notifier.options.examined_region import ExaminedRegion, NoRegion
from notifier.options.github import GitHubArguments, github_options
from notifier.options.notify import NotifyArguments, notify_options
from notifier.options.statuspage import StatuspageArguments, component_option, statuspage_options
from notifier.options.window import WindowArguments, window_options
from notifier.region_choice import RegionChoice, region_choice, region_names, tenancies
from notifier.window import MaintenanceWindow

if TYPE_CHECKING:
    from ledger.inspection import Inspection

_BRIEFLY = Patience(call_seconds=10.0, attempts=2, throttled_seconds=5.0, throttled_times=1)


@dataclass(frozen=True)
class ExaminedArguments:
    """The options as given. Each method reads those of one system, and raises ConfigurationError."""

    window_arguments: WindowArguments
    accounts_arguments: AccountsArguments
    notify_arguments: NotifyArguments
    statuspage_arguments: StatuspageArguments
    github_arguments: GitHubArguments
    named_components: tuple[str, ...]
    aws_apply_role_arn: str | None
    region_settings: RegionSettings

    @property
    def acting_calls(self) -> tuple[str, ...]:
        return ACTING_CALLS

    def rights(self, access: AwsAccess, tally: Tally) -> Mapping[str, Callable[[], None]]:
        return Actions(access, tally).rights

    @property
    def network_variables(self) -> Sequence[str]:
        return [name for name in NETWORK_VARIABLES if os.environ.get(name)]

    def check_network(self) -> None:
        check_network_settings(os.environ)

    @functools.cached_property
    def regions(self) -> Sequence[ExaminedRegion | NoRegion]:
        with contextlib.suppress(ConfigurationError):  # each system says so for itself
            secret_sources()
        try:
            names = self._names()
        except ConfigurationError as error:
            return [NoRegion(self.region_settings, error)]
        return [self._region(name) for name in names]

    def window(self) -> MaintenanceWindow | None:
        """None if no window is given, or if its region is not known."""
        try:
            self.time_zone()
            choice = self._choice(self._names()[0])
        except ConfigurationError:
            return None
        maintenance = self.window_arguments.optional_maintenance(choice)
        return maintenance.window if maintenance is not None else None

    def time_zone(self) -> None:
        """Raises ConfigurationError for one that there is not."""
        if self.window_arguments.time_zone:
            time_zone("TIME_ZONE", self.window_arguments.time_zone)

    def ledger(self) -> "Inspection":
        return inspected_ledger()

    def accounts(self) -> PaasAccounts | None:
        known: Sequence[Tenancy] = (Tenancy(),)
        with contextlib.suppress(ConfigurationError):  # each region says for itself what is wrong with it
            known = tenancies(self.region_settings)
        refuse_accounts_of_nobody(known, self.accounts_arguments.paas_accounts_url)
        access = self.accounts_arguments.access()
        return PaasAccounts(access, Tally()) if access is not None else None

    def notify(self) -> Notify:
        """With ids in place of those that `notify_faults` names."""
        return Notify(self.notify_arguments.without_faults().settings())

    def notify_faults(self) -> Mapping[str, ConfigurationError]:
        return self.notify_arguments.faults()

    def statuspage(self) -> Statuspage | None:
        """None if no key is set. It is asked briefly: doctor has no time to wait long for its limit."""
        settings = self.statuspage_arguments.settings()
        return Statuspage(settings, Timing(), lambda _: None, patience=_BRIEFLY) if settings else None

    @property
    def components(self) -> Mapping[str, Sequence[str]]:
        """Names of the status page's components, by where they are named."""
        of_regions = {region.name or "": region.components for region in self.regions}
        return {"STATUSPAGE_COMPONENTS": self.named_components, **of_regions}

    def github(self) -> GitHub:
        """Raises NotSetUpError if no token is set, and no repository either."""
        if not self.github_arguments.github_repository and not secret_sources().get("GITHUB_TOKEN"):
            raise NotSetUpError("GITHUB_REPOSITORY and GITHUB_TOKEN are not set: checklist prints its text")
        return self.github_arguments.client()

    def secrets(self) -> frozenset[str]:
        """Those that were given in any way, to keep them out of what is printed."""
        given: dict[str, str] = {}
        with contextlib.suppress(ConfigurationError):
            given = dict(secret_sources().given)
        return secrets_given(sys.argv[1:], {**given, **os.environ})

    def _names(self) -> Sequence[str | None]:
        """All that REGIONS_FILE has or, with --region or without REGIONS_FILE, only the one that is meant."""
        file, named = self.region_settings.regions_file, self.window_arguments.region
        return region_names(file) if file is not None and named is None else [named]

    def _choice(self, name: str | None) -> RegionChoice:
        settings = self.region_settings
        if name != self.window_arguments.region:  # one of several, of which AWS_REGION would name one only
            settings = replace(settings, aws_region=None)
        zone = self.window_arguments.time_zone
        with contextlib.suppress(ConfigurationError):
            self.time_zone()
            return region_choice(name, settings, zone)
        return region_choice(name, settings, None)  # only the window depends on it

    def _region(self, name: str | None) -> ExaminedRegion | NoRegion:
        try:
            return ExaminedRegion(self._choice(name), self.aws_apply_role_arn, self.accounts_arguments)
        except ConfigurationError as error:
            return NoRegion(self.region_settings, error, name)


def examined_options(command: Command) -> Command:
    """Adds the options, and gives the command their values as `examined`."""

    @functools.wraps(command)
    def with_examined(  # noqa: PLR0913 — all groups of options that there are
        *args: object,
        window_arguments: WindowArguments,
        accounts: AccountsArguments,
        notify: NotifyArguments,
        statuspage: StatuspageArguments,
        github: GitHubArguments,
        components: tuple[str, ...],
        aws_apply_role_arn: str | None,
        region_settings: RegionSettings,
        **kwargs: Any,  # noqa: ANN401 — click's values
    ) -> Any:  # noqa: ANN401 — the command's answer
        examined = ExaminedArguments(
            window_arguments, accounts, notify, statuspage, github, components, aws_apply_role_arn, region_settings
        )
        return command(*args, examined=examined, **kwargs)

    role_option = under_heading(CONNECTIONS, apply_role_option)
    with_status_page = statuspage_options(github_options(component_option(role_option(with_examined))))
    return window_options(accounts_options(notify_options(region_options(with_status_page))))
