"""A compose file as Compose understands it, as far as ours go: variables filled in, services as values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yml"
SANDBOX = ROOT / "compose.sandbox.yml"
# What an operator has to set for compose.yml, with the sandbox's values where there are such.
REQUIRED = {"AWS_REGION": "eu-west-1", "CF_API_ADDRESS": "http://127.0.0.1:9703", "CF_CLIENT_ID": "elasticache-updates"}


@dataclass(frozen=True)
class Service:
    name: str
    definition: Mapping[str, Any]
    """Its part of the file, with variables filled in."""
    environment: Mapping[str, str]
    """Without those that are only handed on, where they are not set."""
    files: Mapping[str, Path]
    """Where it sees the files of this machine, secrets among them → where they are."""
    volumes: Mapping[str, str]
    """Where it sees volumes → their names."""
    host_names: frozenset[str]
    """Under which the other services find it; none where it lives in another service's network."""


def services(path: Path, environment: Mapping[str, str]) -> dict[str, Service]:
    """By name."""
    document = yaml.safe_load(filled_in(path.read_text(), environment))
    return {
        name: _service(name, definition, document.get("secrets", {}), environment)
        for name, definition in document["services"].items()
    }


def filled_in(text: str, environment: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}`, `${NAME:?what to do}`, and `$$` for a `$`, as the compose specification has them."""

    def value(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        if name is None:
            return "$"
        found = environment.get(name, "")
        assert found or operator != ":?", f"{name}: {rest}"
        return found or rest or ""

    return re.sub(r"\$\$|\$\{(\w+)(:[-?])?([^}]*)\}", value, text)


def _service(
    name: str, definition: Mapping[str, Any], secrets: Mapping[str, Any], environment: Mapping[str, str]
) -> Service:
    given = definition.get("environment", {})
    mounts = [mount.split(":") for mount in definition.get("volumes", [])]
    shares_a_network = "network_mode" in definition
    aliases = definition.get("networks", {}).get("default", {}).get("aliases", [])
    return Service(
        name=name,
        definition=definition,
        environment={
            key: environment[key] if value is None else value
            for key, value in given.items()
            if value is not None or key in environment
        },
        files={target: ROOT / source for source, target, *_ in mounts if "/" in source}
        | dict(_secret(entry, secrets) for entry in definition.get("secrets", [])),
        volumes={target: source for source, target, *_ in mounts if "/" not in source},
        host_names=frozenset() if shares_a_network else frozenset({name, *aliases}),
    )


def _secret(entry: str | Mapping[str, str], secrets: Mapping[str, Any]) -> tuple[str, Path]:
    """Where the container sees it, and where it is."""
    source = entry if isinstance(entry, str) else entry["source"]
    target = source if isinstance(entry, str) else entry["target"]
    return str(Path("/run/secrets") / target), ROOT / secrets[source]["file"]
