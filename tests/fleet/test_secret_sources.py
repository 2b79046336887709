"""Where a secret may come from, and what is refused."""

import json
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.program.secret_sources import SecretSources


def vcap(**credentials: str) -> str:
    return json.dumps({"user-provided": [{"name": "ours", "credentials": credentials, "tags": []}], "redis": []})


TWO_SERVICES = json.dumps(
    {
        "user-provided": [{"name": "ours", "credentials": {"S": "a"}}],
        "bucket": [{"name": "b", "credentials": {"s": "c"}}],
    }
)


TWINS = json.dumps({"a": [{"name": "x", "credentials": {"S": "a"}}, {"name": "x", "credentials": {"S": "b"}}]})


def test_a_secret_comes_from_its_variable_a_file_or_a_bound_service(tmp_path: Path) -> None:
    """A trailing newline, as editors leave it, is not part of the secret in a file."""
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    assert SecretSources({"S": "from a variable"}).get("S") == "from a variable"
    assert SecretSources({"S_FILE": str(file)}).get("S") == "from a file"
    assert SecretSources({"VCAP_SERVICES": vcap(s="small")}).get("S") == "small"
    assert SecretSources({"VCAP_SERVICES": vcap(S="capital")}).get("S") == "capital"
    file.write_text(vcap(s="bound, in a file"))
    assert SecretSources({"VCAP_SERVICES_FILE_PATH": str(file)}).get("S") == "bound, in a file"
    assert SecretSources({"S": "", "VCAP_SERVICES": ""}).get("S") is None


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"S": "a", "VCAP_SERVICES": vcap(S="b")}, "S: given by S and by service 'ours' in VCAP_SERVICES; keep one"),
        ({"VCAP_SERVICES": TWO_SERVICES}, "S: given by service 'ours' in VCAP_SERVICES and by service 'b' in"),
        ({"VCAP_SERVICES_FILE_PATH": "/nowhere"}, "VCAP_SERVICES_FILE_PATH '/nowhere': No such file"),
        ({"S_FILE": "/nowhere"}, "S_FILE '/nowhere': No such file or directory"),
        ({"VCAP_SERVICES": "{"}, "VCAP_SERVICES: Input data was truncated"),
        ({"S": "a", "S_COMMAND": "echo b"}, "S: given by S and by S_COMMAND; keep one"),
        ({"S_FILE": "/dev/null"}, "S_FILE '/dev/null': the file is empty"),
        ({"S_FILE": "/dev/zero"}, "S_FILE '/dev/zero': it is larger than 64 KiB"),
        ({"S_FILE": "/"}, "S_FILE '/': Is a directory"),
        ({"S": "\udcff"}, "S: not text in UTF-8"),
        ({"VCAP_SERVICES": '{"a": [{"name": "x", "credentials": {"S": 5}}]}'}, "S: service 'x' in .* as a text"),
        ({"VCAP_SERVICES": TWINS}, "S: given by service 'x' in VCAP_SERVICES and by service 'x' in VCAP_SERVICES"),
        ({"VCAP_SERVICES": "[" * 200_000}, "VCAP_SERVICES: "),
    ],
)
def test_what_is_ambiguous_or_unreadable_is_refused(environment: dict[str, str], message: str) -> None:
    """Nobody could tell which secret is in use."""
    with pytest.raises(ConfigurationError, match=message):
        SecretSources(environment).get("S")


def test_half_a_pair_is_refused() -> None:
    """A user without its password is a mistake, not a reason to look elsewhere."""
    with pytest.raises(ConfigurationError, match="B is not set, but A is"):
        SecretSources({"A": "1"}).require_pair("A", "B")
    assert SecretSources({}).require_pair("A", "B") is None
    assert SecretSources({"A": "1", "B": "2"}).require_pair("A", "B") == ("1", "2")


@pytest.mark.parametrize(
    "services",
    [
        "null",
        "[]",
        "{}",
        '{"a": null}',
        '{"a": {}}',
        '{"a": [null, 5, []]}',
        '{"a": [{}]}',
        '{"a": [{"name": null, "credentials": null}]}',
        '{"a": [{"name": 5, "credentials": "uri"}]}',
        '{"a": [{"credentials": []}]}',
        '{"a": [{"credentials": {"S": null, "s": ""}}]}',
        '{"a": [{"credentials": {"uri": {"S": "nested"}}}]}',
    ],
)
def test_other_peoples_bindings_may_have_any_shape(services: str) -> None:
    """Credentials that are null stopped the start of programs that never wanted them."""
    assert SecretSources({"VCAP_SERVICES": services}).get("S") is None
    ours = json.dumps({**(json.loads(services) or {}), "ours": [{"name": "ours", "credentials": {"S": "secret"}}]})
    if isinstance(json.loads(services), dict):
        assert SecretSources({"VCAP_SERVICES": ours}).get("S") == "secret"


@pytest.mark.parametrize(
    "misplaced",
    [
        "live-11111111-2222-4333-8444-555555555555-11111111-2222-4333-8444-555555555555",
        "postgresql://user:hush@host/database",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "/JalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYw",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "correct horse battery staple",
        "x" * 5000,
    ],
)
def test_a_secret_in_the_place_of_its_files_name_is_not_shown(misplaced: str) -> None:
    """NAME and NAME_FILE are easily mixed up, and the message ends up in a log."""
    with pytest.raises(ConfigurationError, match=r"^S_FILE \(not shown, as it may be the secret itself\): ") as raised:
        SecretSources({"S_FILE": misplaced}).get("S")
    assert misplaced not in str(raised.value)
