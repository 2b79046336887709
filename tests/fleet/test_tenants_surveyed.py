"""Surveys of other platforms than GOV.UK PaaS, through real clients: by other ids, by tags with guids, from tags alone."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.aws import throttling
from fleet.errors import ConfigurationError, RemoteError
from fleet.patience import Patience, with_patience
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from sandbox.server import Options, Sandbox
from sandbox.state import state
from tests.region_of import region_of

ROLE = "arn:aws:iam::123456789012:role/reader"
ENDPOINTS = ("AWS_ENDPOINT_URL_ELASTICACHE", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API")


@pytest.fixture
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def surveyor_of(sandbox: Sandbox, patch: pytest.MonkeyPatch, settings: Mapping[str, str] | None = None) -> Surveyor:
    for name in ENDPOINTS:
        if name in sandbox.environment:
            patch.setenv(name, sandbox.environment[name])
    return Surveyor(region_of(sandbox, settings=settings))


def assert_true(survey: Survey, sandbox: Sandbox) -> None:
    """Every instance in its place, with its own group, and every update that waits with whom it waits for."""
    truth = state(sandbox.world.truth)
    ours = {row["guid"]: row for row in truth["service_instances"] if row["offering_name"] == sandbox.broker.offering}  # type: ignore[attr-defined] # a list
    assert {
        (
            i.guid,
            i.name,
            i.space_guid,
            i.space_name,
            i.org_guid,
            i.org_name,
            i.replication_group_id if i.replication_group_id in survey.groups_by_id else None,
        )
        for i in survey.service_instances
    } == {
        (
            row["guid"],
            row["name"],
            row["space_guid"],
            row["space_name"],
            row["organization_guid"],
            row["organization_name"],
            row["replication_group_id"] if row["is_known_to_aws"] else None,
        )
        for row in ours.values()
    }
    assert sorted(
        (r.service_update.name, r.action.replication_group_id, r.service_instance.guid if r.service_instance else None)
        for r in survey.required_updates
    ) == sorted(
        (row["service_update_name"], row["replication_group_id"], row["service_instance_guid"])
        for row in truth["required"]  # type: ignore[attr-defined] # a list
    )


@pytest.mark.parametrize(("platform", "rule"), [("cloud.gov", "prd-{guid}"), ("csb", "csb{guid}")])
def test_other_brokers_platforms_are_surveyed_and_the_usual_template_is_refused(
    platform: str, rule: str, patch: pytest.MonkeyPatch
) -> None:
    """A thousand instances, at the price of before; the refusal proposes what is right."""
    with Sandbox(Options(instances=1000, platform=platform)) as sandbox:
        usual = surveyor_of(sandbox, patch, {"replication_group_id": "cf-{fnv1a}", "tenant_tags": ""})
        with pytest.raises(ConfigurationError) as refusal:
            usual.survey()
        assert str(refusal.value).endswith(f"; set it to {rule}")
        surveyor = surveyor_of(sandbox, patch, {"tenant_tags": ""})
        assert_true(surveyor.survey(), sandbox)
        assert surveyor.tally.requests == usual.tally.requests
        assert "tagging" not in surveyor.tally.requests


@pytest.fixture(scope="module")
def csb() -> Iterator[Sandbox]:
    with Sandbox(Options(platform="csb", instances=120)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def cluster() -> Iterator[Sandbox]:
    with Sandbox(Options(platform="tags", instances=250)) as sandbox:
        yield sandbox


def requests(sandbox: Sandbox) -> int:
    return sandbox.journal.by_call()["tagging", "GetResources"]


def test_tags_that_hold_guids_join_cloud_foundry(csb: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """Whatever the groups are called; and a group that the index does not know yet is found by its id."""
    wrong_template = surveyor_of(csb, patch, {"replication_group_id": "cf-{fnv1a}"})
    assert_true(wrong_template.survey(), csb)
    csb.unindexed.update(list(csb.world.truth.replication_groups)[:5])
    survey = surveyor_of(csb, patch).survey()
    csb.unindexed.clear()
    assert_true(survey, csb)


def test_tenants_come_from_tags_and_nobody_else_is_asked(cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """A request for each hundred groups; no count is kept for Cloud Foundry, which has none."""
    cluster.journal.clear()
    surveyor = surveyor_of(cluster, patch)
    survey = surveyor.survey()
    assert_true(survey, cluster)
    assert requests(cluster) == -(-len(survey.replication_groups) // 100) == 3
    assert surveyor.tally.requests == {
        "elasticache": cluster.journal.by_system()["elasticache"],
        "tagging": 3,
    }
    assert cluster.journal.by_system()["cloudfoundry"] == 0
    types = {group.id: group.node_type for group in cluster.world.truth.replication_groups.values()}
    assert {i.plan_name for i in survey.service_instances} <= set(types.values())
    assert all(i.plan_name == types[i.guid] for i in survey.service_instances)
    assert survey.unknown_instances == ()
    assert any("@" in i.contact for i in survey.service_instances)


def test_tags_are_asked_for_side_by_side_once_all_groups_are_known(cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """In JSON: a botocore that prefers another protocol would be refused."""
    cluster.journal.clear()
    with cluster.faults.during("tagging:latency:2"):
        surveyor_of(cluster, patch).survey()
    entries = cluster.journal.entries()
    tags = [entry.at for entry in entries if entry.system == "tagging"]
    assert max(tags) - min(tags) < timedelta(seconds=1.9)
    assert min(tags) > max(entry.at for entry in entries if entry.call == "DescribeReplicationGroups")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("tagging:throttle", "tagging: GetResources: ThrottledException: Rate exceeded"),
        ("tagging:status:500", "tagging: GetResources: InternalServiceException: "),
        ("tagging:expired", "tagging: GetResources: ExpiredTokenException: "),
        ("tagging:hang", "tagging: GetResources: Read timeout"),
        ("tagging:down", "tagging: GetResources: "),
        ("tagging:half", "tagging: GetResources: "),
        ("tagging:garbled", "tagging: GetResources: unexpected body: "),
        ("tagging:empty", "tagging: GetResources: unexpected body: "),
        ("tagging:html", "tagging: GetResources: unexpected body: "),
        ("tagging:html:502", "tagging: GetResources: 502: "),
    ],
)
def test_tags_come_whole_or_not_at_all(fault: str, message: str, cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """One answer of the three that fails fails the survey; otherwise its hundred groups would seem to be nobody's."""
    patch.setattr(throttling, "LONGEST_SILENCE_SECONDS", 0.0)
    with with_patience(Patience(aws_read_seconds=0.3, pause_factor=0.01)):
        surveyor = surveyor_of(cluster, patch)
        surveyor.survey()
        with cluster.faults.during(fault), pytest.raises(RemoteError) as error:
            surveyor.survey()
    assert str(error.value).startswith(message)
    assert surveyor.tally.failures["tagging"] > 0


@pytest.mark.parametrize("fault", ["tagging:throttle,next=3", "tagging:status:500,next=2", "tagging:half,next=1"])
def test_a_passing_fault_is_waited_out(fault: str, cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    with with_patience(Patience(pause_factor=0.01)):
        surveyor = surveyor_of(cluster, patch)
        cluster.faults.add(fault)
        assert_true(surveyor.survey(), cluster)
    assert surveyor.tally.requests["tagging"] > 3


def test_who_may_not_read_tags_is_told_what_to_allow(cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """In AWS's own words, and by the action's name."""
    cluster.rights.deny("GetResources")
    with pytest.raises(RemoteError, match=r"tagging: GetResources: AccessDenied.*; allow tag:GetResources$"):
        surveyor_of(cluster, patch).survey()
    cluster.rights.denials.clear()


def test_tags_are_read_with_the_regions_role(cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """Assumed once for both services."""
    surveyor_of(cluster, patch)
    region = region_of(cluster)
    cluster.journal.clear()
    assert_true(Surveyor(replace(region, aws=replace(region.aws, role_arn=ROLE))).survey(), cluster)
    assert cluster.journal.by_call()["elasticache", "AssumeRole"] == 1


def test_a_stand_in_at_an_address_of_its_own_is_asked_for_tags_too(cluster: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """So REGIONS_FILE needs no second address; and nothing is sent to AWS that was meant for a stand-in."""
    patch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", cluster.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    cluster.journal.clear()
    with pytest.raises(RemoteError, match="tagging: GetResources: "):
        Surveyor(region_of(cluster)).survey()
    assert cluster.journal.by_system()["elasticache"] > 10
    assert cluster.journal.by_system()["tagging"] == 0


def test_a_group_that_the_index_forgets_is_nobodys_until_it_remembers(
    cluster: Sandbox, patch: pytest.MonkeyPatch
) -> None:
    """It is unclaimed, and counted as that; nobody else gets it."""
    surveyor = surveyor_of(cluster, patch)
    before = surveyor.survey()
    forgotten = next(r.service_instance.guid for r in before.required_updates if r.service_instance)
    cluster.unindexed.add(forgotten)
    after = surveyor.survey()
    cluster.unindexed.clear()
    assert set(after.unclaimed_group_ids) == {*before.unclaimed_group_ids, forgotten}
    assert {i.guid for i in before.service_instances} - {i.guid for i in after.service_instances} == {forgotten}


def test_a_tag_key_that_no_group_has_is_refused_with_those_that_there_are(
    cluster: Sandbox, patch: pytest.MonkeyPatch
) -> None:
    """Keys are nobody's secret; values may be."""
    with pytest.raises(ConfigurationError) as refusal:
        surveyor_of(cluster, patch, {"tenant_tags": "org=ownr"}).survey()
    count = len(cluster.world.truth.replication_groups)
    assert str(refusal.value) == (
        f"survey: none of {count} replication groups has the tag 'ownr'; tags there are application, business-unit,"
        " infrastructure-support, namespace, owner"
    )


def test_the_wrong_tag_and_the_wrong_template_are_both_named(csb: Sandbox, patch: pytest.MonkeyPatch) -> None:
    """The template is proposed, and the tag keys are listed."""
    settings = {"replication_group_id": "cf-{fnv1a}", "tenant_tags": "guid=instance"}
    with pytest.raises(ConfigurationError) as refusal:
        surveyor_of(csb, patch, settings).survey()
    assert str(refusal.value).endswith(
        "; set it to csb{guid}; no tag 'instance' holds a guid of theirs, tags there are pcf-instance-id,"
        " pcf-organization-guid, pcf-space-guid"
    )


def test_groups_that_share_a_guid_are_named_in_one_line(
    csb: Sandbox, patch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The one with the derived id counts, as ever."""
    groups = csb.world.truth.replication_groups
    copied = next(group for group in groups.values() if group.tags)
    copy = replace(copied, id="a-copy")
    before = csb.world.truth
    csb.world.change(lambda truth: replace(truth, replication_groups={**groups, copy.id: copy}))
    survey = surveyor_of(csb, patch).survey()
    csb.world.change(lambda truth: replace(truth, replication_groups=before.replication_groups))
    assert [record.__dict__["replication_groups"] for record in caplog.records] == [["a-copy"]]
    assert copied.id in {i.replication_group_id for i in survey.service_instances}
    assert copy.id not in {i.replication_group_id for i in survey.service_instances}
