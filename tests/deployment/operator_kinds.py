"""The Prometheus operator's own kinds, by models that are generated from its definitions of them."""

import importlib
from collections.abc import Mapping
from typing import Any

API = "monitoring.coreos.com/v1"


def is_valid(document: Mapping[str, Any]) -> bool:
    """
    True if the operator's definition takes the whole of a document: no field is unknown, missing or of a wrong form.

    Raises pydantic's ValidationError, which names what is wrong; a field that is unknown is left out of what comes back.
    Imported by name, and late: its source is two megabytes, which mypy need not read and other tests need not load.
    """
    models = importlib.import_module("cloudcoil.models.prometheus_operator.v1")
    taken = getattr(models, document["kind"]).model_validate(document)
    given_back = taken.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return bool(given_back == document)
