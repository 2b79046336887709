"""Every system that speaks JSON over HTTP × every fault: an error in words, within bounds, and well again afterwards."""

import re
import resource

import pytest

from fleet.errors import RemoteError
from fleet.patience import Patience, with_patience
from tests.faults.faulty_server import faulty_server
from tests.faults.remote_faults import FAULTS, Fault
from tests.faults.remote_systems import SYSTEMS, NotSentError, System

MOST_KIB_MORE = 150 * 1024


IN_A_HURRY = Patience(pause_factor=0)
"""Nobody waits between attempts; and whoever hangs is given up soon."""
UNTIL_GIVEN_UP = Patience(pause_factor=0, call_seconds=0.5, read_seconds=0.4)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_a_fault_is_an_error_in_words_and_passes(system: System, fault: Fault) -> None:
    """Nothing else is raised, no fault is taken for an answer, and the same client works again."""
    kib_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with system.helper() as other, faulty_server(fault.behaviour) as server:
        with with_patience(UNTIL_GIVEN_UP if fault.hangs else IN_A_HURRY):
            ask = system.client(server.url, other.url)
            with pytest.raises((RemoteError, NotSentError)) as raised:
                ask()
        assert not other.heard
        kib_more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - kib_before
        server.behaviours[:] = [lambda conversation: conversation.answer(system.good(other.url), system.good_status)]
        if fault.asks_for_pause and system.is_left_alone:
            with pytest.raises(RemoteError, match=r"not asked: it wants to be left alone for (300|299) s more"):
                ask()
        else:
            ask()
    message = str(raised.value)
    assert message.isprintable()
    assert len(message) < 700
    assert kib_more < MOST_KIB_MORE
    if system.has_our_words and (system.is_left_alone or not fault.asks_for_pause):
        assert re.search(fault.says, message)
