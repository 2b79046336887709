"""botocore's descriptions of services, which are read in our own way because it takes less time."""

import os
from pathlib import Path

import msgspec
import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from fleet.aws.client import AwsAccess, elasticache_client
from fleet.aws.descriptions import descriptions
from fleet.aws.sessions import LimitedSession
from fleet.errors import ConfigurationError
from fleet.tally import Tally
from tests.other_user import out_of_reach

SERVICES = ("elasticache", "resourcegroupstaggingapi", "sts", "sso", "sso-oidc")
"""Those that a survey asks, and those that botocore asks for credentials."""


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_services_are_described_as_by_botocore_itself(service: str, kind: str) -> None:
    assert descriptions("").load_service_model(service, kind) == Loader().load_service_model(service, kind)


@pytest.mark.parametrize("name", ["endpoints", "partitions", "_retry", "sdk-default-configuration"])
def test_files_for_all_services_hold_what_botocore_reads_from_them(name: str) -> None:
    assert descriptions.__wrapped__("").load_data(name) == Loader().load_data(name)  # botocore changes what it has read


def test_every_service_that_botocore_lists_is_known() -> None:
    assert set(Loader().list_available_services("service-2")) <= set(
        descriptions("").list_available_services("service-2")
    )


def test_a_service_that_does_not_exist_is_refused_as_by_botocore() -> None:
    with pytest.raises(UnknownServiceError, match="elasticcash"):
        descriptions("").load_service_model("elasticcash", "service-2")


@pytest.mark.parametrize("text", ['{"version": ', '{"version": "1.0", "x": \udcff}', ""])
def test_a_description_of_the_users_own_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Those in ~/.aws/models, which botocore prefers to its own."""
    of_service = tmp_path / "elasticache" / "2015-02-02"
    of_service.mkdir(parents=True)
    (of_service / "service-2.json").write_bytes(text.encode(errors="surrogateescape"))
    loader = descriptions("")
    monkeypatch.setattr(loader, "_search_paths", [os.fspath(tmp_path), *loader.search_paths])
    monkeypatch.setattr(loader, "_cache", {})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(ConfigurationError, match=r"AWS configuration: .*service-2\.json"):
        elasticache_client(AwsAccess("eu-west-1"), Tally(("elasticache",)))


def test_the_users_own_description_is_preferred_to_botocores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_service = tmp_path / "elasticache" / "2015-02-02"
    of_service.mkdir(parents=True)
    (of_service / "service-2.json").write_bytes(msgspec.json.encode({"of": "the user"}))
    loader = descriptions("")
    monkeypatch.setattr(loader, "_search_paths", [os.fspath(tmp_path), *loader.search_paths])
    monkeypatch.setattr(loader, "_cache", {})
    assert loader.load_service_model("elasticache", "service-2") == {"of": "the user"}


def test_a_home_that_cannot_be_looked_into_holds_no_descriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose HOME is root's, and whose user is not."""
    home = tmp_path / "home"
    (home / "elasticache" / "2015-02-02").mkdir(parents=True)
    loader = descriptions("")
    monkeypatch.setattr(loader, "_search_paths", [os.fspath(home / "models"), os.fspath(home / "elasticache")])
    monkeypatch.setattr(loader, "_cache", {})
    with out_of_reach(home):
        assert loader.list_available_services("service-2") == []
        with pytest.raises(DataNotFoundError):
            loader.load_data("endpoints")


@pytest.mark.parametrize("by_profile", [False, True])
def test_the_folders_that_botocore_is_told_of_are_looked_into_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_profile: bool
) -> None:
    """In AWS_DATA_PATH, or as `data_path` of a profile."""
    (tmp_path / "endpoints.json").write_text('{"of": "the user"}')
    monkeypatch.setenv("HERE", os.fspath(tmp_path))
    if by_profile:
        (tmp_path / "config").write_text("[default]\ndata_path = /nowhere:$HERE\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", os.fspath(tmp_path / "config"))
    else:
        monkeypatch.setenv("AWS_DATA_PATH", "/nowhere:$HERE")
    loader = LimitedSession(None, "eu-west-1").get_component("data_loader")
    assert loader.load_data("endpoints") == {"of": "the user"}
    assert loader.load_data("partitions") == Loader().load_data("partitions")
