"""Options that say which orgs were told another way, how, and about which updates."""

from collections.abc import Mapping
from dataclasses import dataclass

import cloup

from fleet.errors import ConfigurationError
from fleet.program.grouping import grouped
from fleet.survey import Survey
from notifier.affected import AffectedOrg, affected_orgs
from notifier.instance_names import named_org
from notifier.options.remarks import Remark
from notifier.options.selection import SelectionArguments, update_options


@dataclass(frozen=True)
class ToldArguments:
    orgs: tuple[str, ...]
    how: str
    only_update: tuple[str, ...]
    severity: tuple[str, ...]

    def affected(self, survey: Survey, had_mails: Mapping[str, str], org_word: str = "org") -> list[AffectedOrg]:
        """
        Each once. An org that is not affected any more has no instances: it can only be told that.

        `had_mails` are the names of the orgs that have mails about the window, by guid. Raises ConfigurationError for
        a name that no org has, or several, or one that is not affected and never was told that it is.
        """
        selection = SelectionArguments(self.only_update, self.severity, (), ()).selection
        affected = {org.guid: org for org in affected_orgs(survey, selection)}
        whatever = {org.guid for org in affected_orgs(survey, SelectionArguments((), (), (), ()).selection)}
        no_more = {guid: name for guid, name in had_mails.items() if guid not in whatever}
        found: dict[str, AffectedOrg] = {}
        for name in self.orgs:
            gone = [guid for guid, called in no_more.items() if name in (guid, called)]
            if len(gone) == 1:
                found[gone[0]] = AffectedOrg(gone[0], no_more[gone[0]], ())
                continue
            guid, _ = named_org(name, survey.service_instances, "ORG", org_word)
            if guid not in affected:
                raise ConfigurationError(
                    f"ORG '{name}': no update that was selected waits for any of its instances; leave it out"
                )
            found[guid] = affected[guid]
        return list(found.values())


told_options = grouped(
    "asked",
    ToldArguments,
    cloup.option("--how", required=True, type=Remark(), metavar="TEXT", help="How, such as 'by telephone'."),
    *update_options,
    heading="Whom",
)
orgs_argument = cloup.argument("orgs", nargs=-1, required=True, metavar="ORG...", help="By name or guid.")
