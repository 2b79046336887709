"""Whole surveys of a sandbox, through a real boto3 client and real HTTP."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sized
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.aws.elasticache import ElastiCache
from fleet.errors import InsufficientScopeError, RemoteError
from fleet.inventory import UNSETTLED_STATUSES, QuotaUse, ReplicationGroup
from fleet.patience import Patience, with_patience
from fleet.program.regions import regions
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from sandbox.state import state
from tests.region_of import region_of, region_settings

ROLE = "arn:aws:iam::123456789012:role/reader"


@pytest.fixture
def surveyor(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Surveyor:
    return surveyor_of(sandbox, monkeypatch)


def surveyor_of(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Surveyor:
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    return Surveyor(region_of(sandbox))


def rows(sandbox: Sandbox, key: str) -> list[dict[str, object]]:
    found = state(sandbox.world.truth)[key]
    assert isinstance(found, list)
    return found


def assert_true(survey: Survey, sandbox: Sandbox) -> None:
    """The survey says exactly what the sandbox knows to be so."""
    redis = [row for row in rows(sandbox, "service_instances") if row["offering_name"] == "redis"]
    assert {(i.guid, i.name, i.plan_name, i.space_name, i.org_name) for i in survey.service_instances} == {
        (row["guid"], row["name"], row["plan_name"], row["space_name"], row["organization_name"]) for row in redis
    }
    assert {(g.id, g.nodes_count, g.is_highly_available) for g in survey.replication_groups} == {
        (row["id"], len(row["members"]), row["is_highly_available"])  # type: ignore[arg-type] # a list
        for row in rows(sandbox, "replication_groups")
    }
    assert survey.aws_account_id == (sandbox.world.truth.account if survey.replication_groups else None)
    lone_nodes = sum(cluster.nodes for cluster in sandbox.world.truth.cache_clusters.values())
    nodes = lone_nodes + sum(group.nodes_count for group in survey.replication_groups)
    names = sandbox.world.truth.parameter_groups
    assert survey.quota_use == QuotaUse(nodes, sum(not name.startswith("default.") for name in names))
    assert {i.guid for i in survey.unknown_instances} == {row["guid"] for row in redis if not row["is_known_to_aws"]}
    assert sorted(
        (
            r.service_update.name,
            r.action.replication_group_id,
            r.service_instance.guid if r.service_instance else "",
        )
        for r in survey.required_updates
    ) == sorted(
        (row["service_update_name"], row["replication_group_id"], row["service_instance_guid"] or "")
        for row in rows(sandbox, "required")
    )


@pytest.mark.parametrize("instances", [0, 1, 57, 1000])
def test_a_survey_is_the_truth_for_fleets_of_every_size(instances: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile names, leading zeros, groups of nobody, instances that AWS does not know, engines in any spelling."""
    with Sandbox(Options(instances=instances)) as sandbox:
        assert_true(surveyor_of(sandbox, monkeypatch).survey(), sandbox)


def test_pages_of_any_size_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action or an instance on a later page counts as much as one on the first."""
    with Sandbox(Options(page_size=20)) as sandbox:
        assert_true(surveyor_of(sandbox, monkeypatch).survey(), sandbox)


def test_the_next_survey_shows_what_has_changed(surveyor: Surveyor, sandbox: Sandbox) -> None:
    """Updates applied, an instance added, one deleted, an org renamed."""
    before = surveyor.survey()
    sandbox.updates.complete(before.required_updates[0].service_update.name)
    sandbox.tenants.create_instance("brand new")
    sandbox.tenants.delete_instance(before.service_instances[0].guid)
    sandbox.tenants.rename_organization(before.service_instances[-1].org_guid, 'now "quoted"')
    after = surveyor.survey()
    assert after != before
    assert_true(after, sandbox)


def test_requests_stay_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request per instance, space, org, group or update; no page twice; connections are reused."""
    with Sandbox(Options(instances=1000)) as sandbox:
        surveyor = surveyor_of(sandbox, monkeypatch)
        survey = surveyor.survey()
        asked = sandbox.journal.by_system()
        assert asked["cloudfoundry"] + asked["uaa"] <= 6
        actions = Counter(action.service_update_name for action in survey.update_actions)
        lists: tuple[Sized, ...] = (
            survey.replication_groups,
            survey.service_updates,
            range(survey.quota_use.cache_parameter_groups_count if survey.quota_use else 0),
            (),
            *(range(actions[update.name]) for update in survey.our_service_updates),
        )
        pages = sum(max(1, -(-len(rows) // 100)) for rows in lists)
        assert asked["elasticache"] <= pages + 2
        entries = sandbox.journal.entries()
        assert asked == surveyor.tally.requests
        sandbox.journal.clear()
        surveyor.survey()
        assert sandbox.journal.by_system()["uaa"] == 0
        assert sandbox.journal.by_system()["cloudfoundry"] == 3
        connections = sandbox.journal.connections()
        assert connections["cloudfoundry"] == 1
        assert connections["elasticache"] <= 12
        assert {entry.status for entry in entries} == {200}


def test_independent_lists_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """The four lists of AWS's and the first request to Cloud Foundry, then the actions of all updates."""
    with Sandbox(Options(instances=3, faults=("all:latency:0.2",))) as sandbox:
        surveyor = surveyor_of(sandbox, monkeypatch)
        updates = len(surveyor.survey().our_service_updates)
        entries = sandbox.journal.entries()
        assert len(entries) == 9 + updates
        spans = [(entry.at.timestamp(), entry.at.timestamp() + (entry.seconds or 0)) for entry in entries]
        most = max(sum(begin <= moment < end for begin, end in spans) for moment, _ in spans)
        assert most >= max(5, updates)


def test_more_can_be_asked_while_the_groups_are_still_being_read(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page of groups comes before the other answer is there, and both are the same survey's."""
    surveyor = surveyor_of(sandbox, monkeypatch)
    is_asked = threading.Event()
    every_group = ElastiCache.replication_groups

    def once_asked(elasticache: ElastiCache) -> list[ReplicationGroup]:
        assert is_asked.wait(30)
        return every_group(elasticache)

    def asked(survey: Survey) -> Survey:
        is_asked.set()
        return survey

    monkeypatch.setattr(ElastiCache, "replication_groups", once_asked)
    with surveyor.begun() as under_way:
        early = under_way.beside(asked)
        survey = under_way.survey()
    assert early.result().replication_groups == ()
    assert early.result().required_updates == survey.required_updates != ()
    assert_true(surveyor.survey(), sandbox)


def test_quota_use_is_asked_for_where_somebody_watches_it(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of parameter groups is as long as one of replication groups, and tells nobody whom an update waits for."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    survey = Surveyor(region_of(sandbox), with_quota_use=False).survey()
    assert survey.quota_use is None
    assert survey.required_updates
    assert {entry.call for entry in sandbox.journal.entries("elasticache")} == {
        "DescribeReplicationGroups",
        "DescribeServiceUpdates",
        "DescribeUpdateActions",
    }


@pytest.mark.parametrize(("share", "each", "requests"), [(0.4, None, 11 + 13), (1.0, 5, 11 + 5 * 11)])
def test_a_survey_costs_the_fleet_and_its_backlog_and_not_its_history(
    share: float, each: int | None, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every group has an action for every update, and of most of them nothing is left to do."""
    backlog = Backlog(share=share, each=each, updates=5)
    with Sandbox(Options(instances=1000, backlog=backlog)) as sandbox:
        surveyor = surveyor_of(sandbox, monkeypatch)
        survey = surveyor.survey()
        by_call = sandbox.journal.by_call()
        assert len(sandbox.world.truth.update_actions) > 5 * len(survey.replication_groups)
        assert by_call["elasticache", "DescribeReplicationGroups"] == 11
        asked = by_call["elasticache", "DescribeReplicationGroups"] + by_call["elasticache", "DescribeUpdateActions"]
        assert asked <= requests
        assert len(survey.update_actions) == sum(
            action.status in UNSETTLED_STATUSES and action.is_on_group
            for action in sandbox.world.truth.update_actions.values()
            if sandbox.world.truth.service_updates[action.service_update_name].status == "available"
        )


@pytest.mark.parametrize(
    "fault",
    [
        "elasticache:throttle,probability=0.5",
        "elasticache:status:500,next=2",
        "elasticache:html:503,next=2",
        "elasticache:down,next=2",
        "cloudfoundry:throttle,next=1,retry_after=1",
        "cloudfoundry:status:503,next=2",
        "cloudfoundry:half,next=1",
        "cloudfoundry:down,next=1",
        "uaa:status:500,next=1",
        "cloudfoundry/v3/service_instances:expired,next=1",
    ],
)
def test_a_passing_fault_slows_the_survey_down_and_does_not_fail_it(
    fault: str, surveyor: Surveyor, sandbox: Sandbox
) -> None:
    """Throttling, dropped connections, half bodies, a token that expired early: tried again, and counted."""
    sandbox.faults.add(fault)
    assert_true(surveyor.survey(), sandbox)
    assert sum(surveyor.tally.failures.values()) > 0


def test_half_a_page_is_asked_for_again(surveyor: Surveyor, sandbox: Sandbox) -> None:
    """Botocore would take what arrived for the whole page, and the groups on the other half for gone."""
    sandbox.faults.add("elasticache:half,next=1")
    assert_true(surveyor.survey(), sandbox)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("elasticache/DescribeUpdateActions:status:500", r"^elasticache: DescribeUpdateActions: "),
        ("elasticache/DescribeReplicationGroups:html", r"^elasticache: DescribeReplicationGroups: "),
        ("elasticache/DescribeReplicationGroups:html:502", r"^elasticache: DescribeReplicationGroups: HTTP 502: "),
        ("elasticache/DescribeServiceUpdates:empty", r"^elasticache: DescribeServiceUpdates: "),
        ("elasticache/DescribeCacheClusters:garbled", r"^elasticache: DescribeCacheClusters: "),
        ("elasticache:expired", r"^elasticache: Describe\w+: ExpiredToken"),
        ("cloudfoundry/v3/service_plans:status:500", r"^cloudfoundry: GET /v3/service_plans: HTTP 500"),
        ("cloudfoundry:html", r"^cloudfoundry: GET .*: unexpected body \(text/html"),
        ("cloudfoundry/v3/service_instances:garbled", "^cloudfoundry: GET /v3/service_instances: unexpected body"),
        ("cloudfoundry/v3/service_instances:missing-included", "service_instances: unexpected body"),
        ("cloudfoundry/v3/service_instances:null-names", r"Expected `str`, got `null`"),
        ("cloudfoundry/v3/service_instances:expired", "HTTP 401"),
        ("uaa:html", "^uaa: POST .*/oauth/token: unexpected body"),
        ("uaa:status:401", "^uaa: POST .*/oauth/token: HTTP 401"),
    ],
)
def test_what_is_not_as_promised_fails_the_survey_and_is_named(
    fault: str, message: str, surveyor: Surveyor, sandbox: Sandbox
) -> None:
    """A survey that is not whole is none; the error names the system, the call and what was wrong."""
    with sandbox.faults.during(fault), pytest.raises(RemoteError, match=message):
        surveyor.survey()
    assert_true(surveyor.survey(), sandbox)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Surveyor, Sandbox]]:
    with Sandbox(Options(page_size=20)) as sandbox:
        yield surveyor_of(sandbox, monkeypatch), sandbox


def test_a_next_page_on_another_origin_never_sees_the_token(small_pages: tuple[Surveyor, Sandbox]) -> None:
    """The link is refused before anything is sent to where it leads."""
    surveyor, sandbox = small_pages
    sandbox.faults.add("cloudfoundry:foreign-next")
    with pytest.raises(RemoteError, match=r"next page is on another origin, http://127\.0\.0\.1:\d+: not followed"):
        surveyor.survey()
    assert sandbox.journal.by_system()["accounts"] == 0


def test_pages_that_go_round_in_a_circle_end(small_pages: tuple[Surveyor, Sandbox]) -> None:
    """An endless list would keep the survey, and its region, busy for ever."""
    surveyor, sandbox = small_pages
    sandbox.faults.add("cloudfoundry:looping-next")
    with pytest.raises(RemoteError, match="its pages go round in a circle"):
        surveyor.survey()


def test_a_list_that_loses_rows_between_its_pages_is_not_taken_for_whole(
    small_pages: tuple[Surveyor, Sandbox],
) -> None:
    """Pages are cut by position: a tenant that slips through would never be told."""
    surveyor, sandbox = small_pages
    sandbox.faults.add("cloudfoundry/v3/service_instances:no-resources,next=1")
    with pytest.raises(RemoteError, match="the list changed while its pages were read"):
        surveyor.survey()


def test_a_token_that_does_not_see_every_org_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cloud Foundry would answer it with 200 and a part of the fleet."""
    with Sandbox(Options(scopes=("cloud_controller.read",))) as sandbox:
        surveyor = surveyor_of(sandbox, monkeypatch)
        with pytest.raises(InsufficientScopeError, match=r"scope: cloud_controller\.read\); give it"):
            surveyor.survey()
        assert sandbox.journal.by_call()["cloudfoundry", "/v3/service_instances"] == 0


def test_a_token_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """With tokens that live for no time at all, each survey asks for a new one instead of failing."""
    with Sandbox(Options(instances=3, token_seconds=1)) as sandbox:
        surveyor = surveyor_of(sandbox, monkeypatch)
        surveyor.survey()
        time.sleep(1.1)  # the token's own life, by the server's clock
        surveyor.survey()
        assert sandbox.journal.by_system()["uaa"] == 2
        assert {entry.status for entry in sandbox.journal.entries("cloudfoundry")} == {200}


def test_the_operators_own_login_will_do(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a client, the token that cf login left is used, and refreshed once it is refused."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    sandbox.write_cf_login(tmp_path)
    without_client = {"CF_CLIENT_ID": "", "CF_CLIENT_SECRET": "", "CF_HOME": str(tmp_path)}
    surveyor = Surveyor(region_of(sandbox, without_client))
    assert_true(surveyor.survey(), sandbox)
    assert sandbox.journal.by_system()["uaa"] == 0
    sandbox.tokens.invalidate()
    assert_true(surveyor.survey(), sandbox)
    assert sandbox.journal.by_system()["uaa"] == 1


def test_a_role_is_assumed_where_one_is_configured(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The region's calls are signed with the role's temporary credentials, not with the keys that assumed it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sandbox.environment["AWS_ENDPOINT_URL_STS"])
    file = tmp_path / "regions.toml"
    file.write_text(
        f"""
        [[regions]]
        name = "Ireland"
        aws_region = "eu-west-1"
        cf_api_address = "{sandbox.environment["CF_API_ADDRESS"]}"
        aws_role_arn = "arn:aws:iam::123456789012:role/elasticache-reader"
        aws_endpoint_url_elasticache = "{sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]}"
        """
    )
    (region,) = regions(region_settings(regions_file=str(file)), sandbox.environment)
    assert_true(Surveyor(region).survey(), sandbox)
    assert sandbox.journal.by_call()["elasticache", "AssumeRole"] == 1


@pytest.mark.parametrize("fault", ["hang", "status:500"])
def test_credentials_that_cannot_be_had_are_asked_for_once(
    fault: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by each of the lists in turn: each would wait as long as the first, for the same answer."""
    for name in ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_ELASTICACHE"):
        monkeypatch.setenv(name, sandbox.environment[name])
    region = replace(region_of(sandbox), aws=replace(region_of(sandbox).aws, role_arn=ROLE))
    with with_patience(Patience(aws_read_seconds=0.3, pause_factor=0)):
        surveyor = Surveyor(region)
        with (
            sandbox.faults.during(f"elasticache/AssumeRole:{fault}"),
            pytest.raises(RemoteError, match="elasticache: credentials: "),
        ):
            surveyor.survey()
    assert sandbox.journal.by_call()["elasticache", "AssumeRole"] == (2 if fault == "hang" else 4)
    assert_true(surveyor.survey(), sandbox)


def test_a_profiles_role_has_the_same_limits(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Botocore asks for its credentials by itself, and would ask five times, for a minute each."""
    (tmp_path / "config").write_text(f"[profile reader]\nrole_arn = {ROLE}\nsource_profile = reader\n")
    (tmp_path / "keys").write_text("[reader]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    for name in ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_ELASTICACHE"):
        monkeypatch.setenv(name, sandbox.environment[name])
    region = replace(region_of(sandbox), aws=replace(region_of(sandbox).aws, keys=None, profile="reader"))
    with with_patience(Patience(aws_read_seconds=0.3, pause_factor=0)):
        surveyor = Surveyor(region)
        with (
            sandbox.faults.during("elasticache/AssumeRole:hang"),
            pytest.raises(RemoteError, match="elasticache: credentials: Read timeout"),
        ):
            surveyor.survey()
    assert sandbox.journal.by_call()["elasticache", "AssumeRole"] == 2


def test_a_secret_that_uaa_refuses_is_sent_once(surveyor: Surveyor, sandbox: Sandbox) -> None:
    """Its 401 is not Cloud Foundry's, after which a new token is worth a try; and some lock a client out."""
    with (
        sandbox.faults.during("uaa:status:401"),
        pytest.raises(RemoteError, match="check CF_CLIENT_ID and CF_CLIENT_SECRET"),
    ):
        surveyor.survey()
    assert sandbox.journal.by_system()["uaa"] == 1


def test_a_survey_that_never_ends_is_said_to_and_given_up(
    surveyor: Surveyor, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """While each of its requests is answered, only slowly; the next survey has its own time."""
    said: list[str] = []
    with (
        sandbox.faults.during("elasticache:latency:0.2"),
        with_patience(Patience(survey_seconds=0.15, overdue_seconds=0.1)),
        pytest.raises(RemoteError, match="not asked: the survey was not complete after 0 s"),
    ):
        surveyor.survey(said.append)
    assert said == ["the survey is overdue: not complete after 0 s, and given up after 0 s"]
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["survey overdue"]
    assert_true(surveyor.survey(said.append), sandbox)
    assert len(said) == 1
