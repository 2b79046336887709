"""Every system that speaks JSON over HTTP × every fault: an error in words, within bounds, and well again afterwards."""

import re
import resource

import pytest
import tenacity

from fleet.errors import RemoteError
from tests.faults.faulty_server import faulty_server
from tests.faults.remote_faults import FAULTS, Fault
from tests.faults.remote_systems import SYSTEMS, NotSentError, System

MOST_KIB_MORE = 150 * 1024


def hurry(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Whoever hangs is given up soon, and nobody waits between attempts."""
    monkeypatch.setattr("fleet.remote_http._BACK_OFF", tenacity.wait_none())
    if fault.hangs:
        for module in ("fleet.remote_http", "notifier.mail.notify_session"):
            monkeypatch.setattr(f"{module}.CALL_SECONDS", 0.5)
            monkeypatch.setattr(f"{module}.READ_TIMEOUT_SECONDS", 0.4)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_a_fault_is_an_error_in_words_and_passes(system: System, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is raised, no fault is taken for an answer, and the same client works again."""
    kib_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with system.helper() as other, faulty_server(fault.behaviour) as server:
        ask = system.client(server.url, other.url)
        with monkeypatch.context() as hurried:
            hurry(hurried, fault)
            with pytest.raises((RemoteError, NotSentError)) as raised:
                ask()
        assert not other.heard
        kib_more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - kib_before
        server.behaviours[:] = [lambda conversation: conversation.answer(system.good(other.url), system.good_status)]
        if fault.asks_for_pause and "notify" not in system.name:
            with pytest.raises(RemoteError, match=r"not asked: it wants to be left alone for (300|299) s more"):
                ask()
        else:
            ask()
    message = str(raised.value)
    assert message.isprintable()
    assert len(message) < 700
    assert kib_more < MOST_KIB_MORE
    if "notify" not in system.name:
        assert re.search(fault.says, message)
