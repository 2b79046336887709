"""The tagging API × every fault of a system that speaks JSON: whole or not at all, in words, and well again afterwards."""

import json
from collections.abc import Mapping

import pytest

from fleet.aws import throttling
from fleet.aws.client import AwsAccess, AwsKeys, credentialed_session, tagging_client
from fleet.aws.tagging import Tagging
from fleet.errors import RemoteError
from fleet.inventory import ReplicationGroup
from fleet.patience import Patience, with_patience
from fleet.tally import Tally
from fleet.time_limit import TimeLimit
from tests.faults.faulty_server import faulty_server
from tests.faults.remote_faults import FAULTS, Fault

ARN = "arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:cp-1"
GROUP = ReplicationGroup(
    "cp-1", "available", "redis", 1, has_automatic_failover=False, arn_prefix=ARN.removesuffix("cp-1")
)
IN_A_HURRY = Patience(pause_factor=0, call_seconds=0.6, aws_read_seconds=0.2, aws_answer_seconds=0.4)


def answer(*tags: Mapping[str, object], arn: object = ARN, **more: object) -> bytes:
    return json.dumps({"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags}], **more}).encode()


GOOD = answer({"Key": "owner", "Value": "team <!ENTITY"}, {"Key": "other", "Value": "\0"})
"""Tenants write what they like, also what would be odd in XML."""


def tagging(patch: pytest.MonkeyPatch, url: str, tally: Tally) -> Tagging:
    patch.setenv("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", url)
    access = AwsAccess("eu-west-1", AwsKeys("id", "key"))
    return Tagging(tagging_client(access, credentialed_session(access), tally, TimeLimit()), tally, TimeLimit())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_an_error_in_words_and_passes(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """No fault is taken for groups without tags, whose tenants nobody would tell."""
    monkeypatch.setattr(throttling, "LONGEST_SILENCE_SECONDS", 0.0)
    tally = Tally(())
    with faulty_server(fault.behaviour) as server, with_patience(IN_A_HURRY):
        asking = tagging(monkeypatch, server.url, tally)
        with pytest.raises(RemoteError) as raised:
            asking.tags_of([GROUP], {"owner"})
        assert (raised.value.system, raised.value.call) == ("tagging", "GetResources")
        assert str(raised.value).isprintable()
        assert len(str(raised.value)) < 700
        assert tally.requests["tagging"] >= tally.failures["tagging"] > 0
        server.behaviours[:] = [lambda conversation: conversation.answer(GOOD)]
        if fault.asks_for_pause:
            return  # for how long is the throttling's matter, as with ElastiCache
        assert asking.tags_of([GROUP], {"owner"}).by_group == {"cp-1": {"owner": "team <!ENTITY"}}


OWNER = {"Key": "owner", "Value": "a"}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"{}", "missing required field `ResourceTagMappingList`"),
        (b'{"message": "all is well"}', "missing required field `ResourceTagMappingList`"),
        (answer(OWNER, PaginationToken="more"), "it goes on"),
        (answer(OWNER, arn=f"{ARN}1"), "was not asked for"),
        (answer(OWNER, arn=5), "Expected `str`, got `int`"),
        (answer(OWNER, OWNER), "has a tag key twice"),
        (answer({"Key": "owner", "Value": 5}), "Expected `str`, got `int`"),
        (answer({"Value": "a"}), "missing required field `Key`"),
        (answer({"Key": "k" * 301, "Value": "a"}), "of length <= 300"),
        (json.dumps({"ResourceTagMappingList": [{"ResourceARN": ARN}] * 2}).encode(), "is there twice"),
        (b'{"ResourceTagMappingList": {"a": 1}}', ""),
        (b'{"ResourceTagMappingList": null}', ""),
    ],
)
def test_an_answer_that_may_not_be_whole_is_none(body: bytes, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that says two things of a group."""
    with faulty_server(lambda conversation: conversation.answer(body)) as server, with_patience(IN_A_HURRY):
        asking = tagging(monkeypatch, server.url, Tally(()))
        with pytest.raises(RemoteError, match=f"tagging: GetResources: .*{what}"):
            asking.tags_of([GROUP], {"owner"})


def test_groups_without_tags_are_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API leaves them out; where there is no group, nobody is asked."""
    body = b'{"PaginationToken": "", "ResourceTagMappingList": []}'
    with faulty_server(lambda conversation: conversation.answer(body)) as server:
        tally = Tally(())
        asking = tagging(monkeypatch, server.url, tally)
        assert asking.tags_of([], {"owner"}).by_group == {}
        assert tally.requests == {}
        assert asking.tags_of([GROUP], {"owner"}).by_group == {}


BARE = ReplicationGroup("cp-2", "creating", "redis", 1, has_automatic_failover=False)
"""Without an ARN."""


def test_a_group_without_an_arn_has_no_tags_and_costs_nobody_else_theirs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with faulty_server(lambda conversation: conversation.answer(GOOD)) as server:
        asking = tagging(monkeypatch, server.url, Tally(()))
        assert asking.tags_of([BARE, GROUP], {"owner"}).by_group == {"cp-1": {"owner": "team <!ENTITY"}}
    assert [record.__dict__["replication_groups"] for record in caplog.records] == [["cp-2"]]


def test_groups_of_which_none_has_an_arn_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS gives every group one; left out, they would all seem to be nobody's."""
    asking = tagging(monkeypatch, "http://127.0.0.1:9", Tally(()))
    with pytest.raises(RemoteError, match="replication group cp-2 has no ARN by which to ask for its tags"):
        asking.tags_of([BARE], {"owner"})


@pytest.mark.parametrize("odd", [[], {}, 5, "text", None, True, [5], [[]], ["text"], [None]])
@pytest.mark.parametrize(
    "place",
    ["{}", '{"ResourceTagMappingList": {}}', '{"ResourceTagMappingList": [{"ResourceARN": "ARN", "Tags": {}}]}'],
)
def test_another_type_in_any_place_is_said_in_plain_words(
    place: str, odd: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = place.replace("{}", json.dumps(odd)).replace('"ARN"', json.dumps(ARN))
    with faulty_server(lambda conversation: conversation.answer(body.encode())) as server, with_patience(IN_A_HURRY):
        asking = tagging(monkeypatch, server.url, Tally(()))
        said = found = None
        try:
            found = asking.tags_of([GROUP], {"owner"}).by_group
        except RemoteError as error:
            said = str(error)
    assert found in (None, {}, {"cp-1": {}})
    if said is not None:
        assert said.startswith("tagging: GetResources: unexpected body: ")
        assert "Error: " not in said


def test_half_a_character_in_a_tag_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """One tenant's odd text costs nobody a survey, a page or a mail."""
    body = answer({"Key": "owner", "Value": "team \ud800 \U0001f600"})
    assert b"\\ud800" in body
    with faulty_server(lambda conversation: conversation.answer(body)) as server:
        found = tagging(monkeypatch, server.url, Tally(())).tags_of([GROUP], {"owner"})
    assert found.by_group == {"cp-1": {"owner": "team \ufffd \U0001f600"}}
