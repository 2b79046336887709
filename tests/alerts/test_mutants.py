"""Every rule is held in place by a unit test: whatever is changed in it, promtool notices."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain

import pytest

from tests.alerts.mutants import Mutant, mutants, name_of
from tests.alerts.promtool import Trial, UnitTest, failed, needed_rules, rules, unit_tests

RULES = rules()
UNIT_TESTS = unit_tests()
TRIALS_A_PROCESS = 16
_TOLD_APART = re.compile("looked last|look|by region|by itself|disagree|Each")


@pytest.mark.timeout(600)
def test_no_mutant_survives() -> None:
    """Hundreds of broken rules meet the tests that rest on them, one test after another, until one fails."""
    survivors = [mutant for rule in RULES for mutant in mutants(rule)]
    assert len(survivors) > 10 * len(RULES)
    for number in range(len(UNIT_TESTS)):
        survivors = _survivors(survivors, number)
    assert not survivors, "no unit test in alerts/tests/ notices:\n" + "\n".join(
        f"{mutant.name}: {mutant.change}" for mutant in survivors
    )


def _survivors(tried: list[Mutant], number: int) -> list[Mutant]:
    """Those that pass the test of this number, or have none of this number."""
    trials = {
        mutant: Trial(tests[number], [mutant.rule if rule is mutant.original else rule for rule in RULES])
        for mutant in tried
        if number < len(tests := _tests_of(mutant.name, mutant.is_of_labels))
    }
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        listed = list(trials.values())
        batches = [listed[start : start + TRIALS_A_PROCESS] for start in range(0, len(listed), TRIALS_A_PROCESS)]
        verdicts = pool.map(failed, batches)
        killed = {mutant for mutant, is_killed in zip(trials, chain.from_iterable(verdicts), strict=True) if is_killed}
    return [mutant for mutant in tried if mutant not in killed]


@cache
def _tests_of(name: str, is_of_labels: bool) -> list[UnitTest]:  # noqa: FBT001 — a key of the cache
    """
    Those whose expectations rest on the rule. The nearest first: they need the fewest other rules, so they are fast. But
    a change of labels is noticed where several replicas, regions or updates are told apart.
    """
    needed = {test: [name_of(rule) for rule in needed_rules(test.expectations, RULES)] for test in UNIT_TESTS}
    resting = [test for test, names in needed.items() if name in names]
    return sorted(
        resting,
        key=lambda test: (
            is_of_labels and not _TOLD_APART.search(test.name),
            test.file != "fractions.test.yml",
            len(needed[test]),
        ),
    )
