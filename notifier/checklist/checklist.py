"""The six steps of a window, in the runbook's order. Pure: the ledger's facts and a survey in, steps out."""

from notifier.checklist.after import applied, left_over
from notifier.checklist.before import chosen, deferrals, status_page, told
from notifier.checklist.facts import Facts
from notifier.checklist.step import Step, without_addresses

_STEPS = (chosen, told, status_page, deferrals, applied, left_over)


def checklist(facts: Facts) -> tuple[Step, ...]:
    """Nobody's address is in it, not even where somebody wrote one into a reason or a name."""
    addresses = {record.key.address for record in facts.mails}
    return tuple(without_addresses(step(facts), addresses) for step in _STEPS)
