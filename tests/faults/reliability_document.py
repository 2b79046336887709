"""Writes docs/reliability.md from the table of faults: `python -m tests.faults.reliability_document`."""

from pathlib import Path

from fleet.patience import Patience
from tests.faults.kinds import KINDS
from tests.faults.platform import SYSTEMS
from tests.faults.table import RUNS, TABLE

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
NAMES = {
    "elasticache": "ElastiCache",
    "sts": "STS",
    "cloudfoundry": "Cloud Foundry",
    "uaa": "UAA",
    "accounts": "PaaS Accounts",
    "notify": "Notify",
    "statuspage": "Statuspage",
    "github": "GitHub",
}
_LIMITS = Patience()
_HEAD = f"""\
# Reliability

What happens when a remote system fails, and how it is shown. This page is written from the table that the tests run
(`tests/faults/table.py`); a test compares the two, so every mark below stands for tests that pass.

## What holds

Whatever fails, and however:

- **In time.** A call with all its repetitions has {_LIMITS.call_seconds:.0f} s, a survey {_LIMITS.survey_seconds:.0f} s. A survey that is not complete after
  {_LIMITS.overdue_seconds:.0f} s, and twice the time of the one before, is shown as overdue while it goes on. Nobody upstream decides about a
  longer wait: a `Retry-After` counts for at most five minutes, and an absurd one not at all.
- **In few words.** A failed survey is said in the metrics (`elasticache_update_exporter_last_survey_success` is 0), on the page,
  and in one line of the log, which names the system, the call and the cause. A command of the notifier says it in one line
  on stderr. Never in a traceback, nor in more than 700 characters of somebody else's.
- **With nothing lost.** The exporter keeps showing the last good survey, with its age, and its failure beside it; rules and
  page treat it as stale when it is. The notifier ends with 3 or 1, and the same command continues: each mail that is due is
  sent once, each incident and issue is made once, each update is started once.
- **In bounded memory.** At most 32 MiB of an answer are held, 8 MiB of AWS's, also when it is compressed; pages, rows, depth
  and lengths are limited too.
- **Recovered by itself.** The first survey after the fault is a good one, over the same connections, without a restart.
- **With nothing made up.** No fault is taken for an answer: no list becomes shorter, no update seems applied.

## What was tried

`exporter` takes surveys in one process that serves, one fault after another, and looks at metrics, page and log after each,
and at the survey after it. `client` is the notifier's client for the system, asked directly. All others are commands. Those
that change something are struck where they read and where they change, before the change is made and after it, if the
fault can leave that open; then they are run again, and what they should change is looked at: it is changed, and once.
A number is how many variants of the fault were tried, and *goes on* means that what was asked is answered all the same.
For `doctor`, a fault is a failed check: it ends with 1, and everything else is examined all the same.

"""
_FOOT = """
A few more are tried elsewhere, because they strike a program rather than a system:

| what | what holds | tests |
| --- | --- | --- |
| the wall clock is set back and forth, by an hour and by a day | surveys keep their rhythm, and say that AWS refuses their signatures; mails that another run has begun are watched by the monotonic clock | `tests/exporter/test_clock.py`, `tests/notifier/test_clocks.py` |
| a survey that goes on for ever, each answer in time | overdue, then given up | `tests/fleet/test_surveyor.py`, `tests/exporter/test_region_watch.py` |
| links of Cloud Foundry's that lead elsewhere | not followed; no token leaves | `tests/faults/test_list_faults.py` |
| the run is killed while mails leave | each mail is sent once | `tests/notifier/test_exactly_once.py` |
| changes at AWS that are never answered | never repeated; settled from AWS's own list | `tests/fleet/test_aws_clients.py`, `tests/notifier/apply/` |
"""


def document() -> str:
    lines = [
        "| fault | " + " | ".join(NAMES[system] for system in SYSTEMS) + " |",
        "| --- |" + " --- |" * len(SYSTEMS),
    ]
    for kind, meaning in KINDS.items():
        name = f"**{kind}**" + (f": {meaning[0].lower()}{meaning[1:].rstrip('.')}" if meaning else "")
        lines.append(f"| {name} | " + " | ".join(_cell(kind, system) for system in SYSTEMS) + " |")
    return _HEAD + "\n".join(lines) + "\n" + _FOOT


def _cell(kind: str, system: str) -> str:
    rows = [row for row in TABLE if (row.kind, row.system) == (kind, system)]
    counts = {program: sum(row in run for row in rows) for program, run in RUNS.items()}
    tried = [_shown(program.removeprefix("exporter "), count) for program, count in counts.items() if count]
    goes_on = "; goes on" if rows and all(row.survives for row in rows) else ""
    return (", ".join(tried) or "–") + goes_on


def _shown(program: str, count: int) -> str:
    return f"{program} {count}" if count > 1 else program


if __name__ == "__main__":
    DOCUMENT.write_text(document())
