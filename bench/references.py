"""
What a survey is compared with, in the same run: the chain of pages that nothing can beat, and the naive way.

The naive way makes the calls of the programs that these replace, one after another, as those did: of paas-cf
(`tools/metrics/gauges_elasticache*.go`, `tools/aws_redis_update_manager`). It takes as long as its requests
and boto3 take; what the originals did besides, such as starting `cf` for each request, is not in it.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from notifications_python_client.notifications import NotificationsAPIClient

_VERSION = "2015-02-02"
_MARKER = re.compile(rb"<Marker>([^<]+)</Marker>")


@dataclass(frozen=True)
class Cost:
    seconds: float
    requests: int


def longest_chain(environment: Mapping[str, str]) -> Cost:
    """Pages of replication groups, each asked for once the one before has come: signed, and not even parsed."""
    credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    signer = SigV4Auth(credentials, "elasticache", environment["AWS_REGION"])
    session = requests.Session()
    fields, pages, started = {"Action": "DescribeReplicationGroups", "Version": _VERSION}, 0, time.perf_counter()
    while True:
        request = AWSRequest("POST", environment["AWS_ENDPOINT_URL_ELASTICACHE"] + "/", data=urlencode(fields))
        request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        signer.add_auth(request)
        body = session.post(str(request.url), data=request.body, headers=dict(request.headers), timeout=60).content
        pages += 1
        if (marker := _MARKER.search(body)) is None:
            return Cost(time.perf_counter() - started, pages)
        fields["Marker"] = marker[1].decode()


def naive_survey(environment: Mapping[str, str]) -> Cost:
    """What the original exporter asked for at each interval."""
    platform, started = _Platform(environment), time.perf_counter()
    platform.aws("describe_cache_parameter_groups")
    platform.aws("describe_cache_clusters")
    updates = platform.aws("describe_service_updates", ServiceUpdateStatus=["available"])["ServiceUpdates"]
    names = [update["ServiceUpdateName"] for update in updates if update["Engine"] != "memcached"]
    for name in (*names, *names):  # once for the updates' metrics, once for the instances'
        filters = {"ServiceUpdateName": name, "UpdateActionStatus": ["not-applied"]}
        platform.aws("describe_update_actions", ServiceUpdateStatus=["available"], **filters)
    instances = platform.redis_instances()
    spaces = {instance["relationships"]["space"]["data"]["guid"] for instance in instances}
    found = [space for guid in sorted(spaces) for space in platform.cf_pages(f"/v3/spaces?guids={guid}")]
    for guid in sorted({space["relationships"]["organization"]["data"]["guid"] for space in found}):
        platform.cf(f"/v3/organizations?guids={guid}")
    return Cost(time.perf_counter() - started, platform.requests)


def naive_print(environment: Mapping[str, str]) -> Cost:
    """What the original notifier asked for to say whom it would tell."""
    platform, started = _Platform(environment), time.perf_counter()
    actions = platform.aws("describe_update_actions", ServiceUpdateStatus=["available"])["UpdateActions"]
    waiting = {action.get("ReplicationGroupId") for action in actions if action["UpdateActionStatus"] == "not-applied"}
    platform.redis_instances()
    orgs = list(platform.cf_pages("/v3/organizations"))
    list(platform.cf_pages("/v3/spaces"))
    for org in orgs if waiting else ():  # nearly every org has an instance that waits
        platform.cf(f"/v3/organizations?guids={org['guid']}")
        for role in platform.cf_pages(f"/v3/roles?organization_guids={org['guid']}"):
            if role["type"] == "organization_manager":
                platform.account(role["relationships"]["user"]["data"]["guid"])
    return Cost(time.perf_counter() - started, platform.requests)


def naive_email(environment: Mapping[str, str]) -> Cost:
    """What the original did to tell them: all of that, then one mail after another. Sends again what Notify has."""
    mails = requests.get(f"{environment['SANDBOX_CONTROL_URL']}/mails", timeout=60).json()["mails"]
    asked = naive_print(environment)
    notify = NotificationsAPIClient(environment["NOTIFY_API_KEY"], base_url=environment["NOTIFY_BASE_URL"])
    started = time.perf_counter()
    for mail in mails:
        notify.send_email_notification(mail["email_address"], mail["template_id"], mail["personalisation"])
    return Cost(asked.seconds + time.perf_counter() - started, asked.requests + len(mails))


class _Platform:
    """Asked one thing after another, page sizes as the systems give them by themselves."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.requests = 0
        self._environment = environment
        self._http = requests.Session()
        client = boto3.client(
            "elasticache",
            region_name=environment["AWS_REGION"],
            endpoint_url=environment["AWS_ENDPOINT_URL_ELASTICACHE"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        )
        client.meta.events.register("before-send.elasticache", lambda **_: self._count())
        self._elasticache = client
        root = self._http.get(f"{environment['CF_API_ADDRESS']}/", timeout=60).json()
        reply = self._http.post(
            f"{root['links']['uaa']['href']}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(environment["CF_CLIENT_ID"], environment["CF_CLIENT_SECRET"]),
            timeout=60,
        )
        self._authorization = {"Authorization": f"bearer {reply.json()['access_token']}"}

    def aws(self, operation: str, **filters: object) -> dict[str, Any]:
        """All pages as one."""
        pages = self._elasticache.get_paginator(operation)  # type: ignore[call-overload] # any operation
        whole: dict[str, Any] = pages.paginate(**filters).build_full_result()
        return whole

    def cf(self, path: str) -> dict[str, Any]:
        self._count()
        url = self._environment["CF_API_ADDRESS"] + path
        answer: dict[str, Any] = self._http.get(url, headers=self._authorization, timeout=60).json()
        return answer

    def cf_pages(self, path: str) -> Iterator[dict[str, Any]]:
        while path:
            page = self.cf(path)
            yield from page["resources"]
            following = page["pagination"]["next"]
            path = following["href"].removeprefix(self._environment["CF_API_ADDRESS"]) if following else ""

    def redis_instances(self) -> list[dict[str, Any]]:
        (offering,) = self.cf("/v3/service_offerings?names=redis")["resources"]
        plans = {plan["guid"] for plan in self.cf_pages(f"/v3/service_plans?service_offering_guids={offering['guid']}")}
        every = self.cf_pages("/v3/service_instances?type=managed")
        return [i for i in every if i["relationships"]["service_plan"]["data"]["guid"] in plans]

    def account(self, guid: str) -> None:
        self._count()
        url = f"{self._environment['PAAS_ACCOUNTS_URL']}/users/{guid}"
        name, password = (self._environment[f"PAAS_ACCOUNTS_{word}"] for word in ("USERNAME", "PASSWORD"))
        self._http.get(url, auth=(name, password), timeout=60)

    def _count(self) -> None:
        self.requests += 1
