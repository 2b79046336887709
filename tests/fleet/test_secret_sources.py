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
