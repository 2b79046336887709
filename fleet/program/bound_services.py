"""What services that are bound on Cloud Foundry say, as secrets by name."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fleet.errors import ConfigurationError
from fleet.remote_words import UNREADABLE

Place = tuple[str, object]
"""Where it is said, in words, and what: a text, if it is of use to us."""


def bound_secrets(vcap_services: str) -> Mapping[str, list[Place]]:
    """
    By the credential's name in capitals, each binding's value.

    Other people's bindings have any shape, none included; what has none of the names that we look for does not matter.
    """
    if not vcap_services.strip():
        return {}
    try:
        services = msgspec.json.decode(vcap_services)
    except UNREADABLE as error:
        raise ConfigurationError(f"VCAP_SERVICES: {error}") from None
    secrets: dict[str, list[Place]] = defaultdict(list)
    for binding in _bindings(services):
        credentials = binding.get("credentials")
        if isinstance(credentials, dict):
            for key, value in credentials.items():
                if value not in ("", None):
                    secrets[key.upper()].append((f"service '{binding.get('name')}' in VCAP_SERVICES", value))
    return secrets


def _bindings(services: object) -> Iterator[dict[str, Any]]:
    for bindings in services.values() if isinstance(services, dict) else ():
        for binding in bindings if isinstance(bindings, list) else ():
            if isinstance(binding, dict):
                yield binding
