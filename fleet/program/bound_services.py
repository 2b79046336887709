"""Reads secrets from services that are bound on Cloud Foundry."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fleet.errors import ConfigurationError
from fleet.unreadable import UNREADABLE, why_unreadable

Place = tuple[str, object]
"""A description of the binding, and its value, which is only of use if it is a text."""


def bound_secrets(vcap_services: str) -> Mapping[str, list[Place]]:
    """
    The values in all bindings, by the credential's name in capitals.

    Bindings for other purposes can have any shape, so whatever we do not understand is skipped.
    """
    if not vcap_services.strip():
        return {}
    try:
        services = msgspec.json.decode(vcap_services)
    except UNREADABLE as error:
        raise ConfigurationError(f"VCAP_SERVICES: {why_unreadable(error)}") from None
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
