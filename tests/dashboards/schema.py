"""Grafana's published schema of a dashboard, as the types of grafana-foundation-sdk, which are generated from it."""

import enum
import types
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard, prometheus, stat, table, timeseries

Kind: TypeAlias = Any
"""A type of the schema's, or what `typing` makes of several."""

OPTIONS = {"stat": stat.Options, "table": table.Options, "timeseries": timeseries.Options}
CUSTOM = {"table": table.FieldConfig, "timeseries": timeseries.FieldConfig}
"""By type of panel: what the schema leaves open in `options` and in `fieldConfig.defaults.custom`."""


def problems(value: object, kind: Kind = dashboard.Dashboard, path: str = "dashboard") -> Iterator[str]:
    """Where a JSON value is not what the schema says: fields that it does not have, wrong types, unknown words."""
    if kind is Dataquery:
        kind = prometheus.Dataquery
    origin: Kind = get_origin(kind)
    if origin in (Union, types.UnionType):
        branches = [branch for branch in get_args(kind) if (branch is type(None)) == (value is None)]
        yield from min((list(problems(value, branch, path)) for branch in branches), key=len, default=())
    elif isinstance(value, list) and origin is list:
        for number, item in enumerate(value):
            yield from problems(item, get_args(kind)[0], f"{path}[{number}]")
    elif isinstance(value, dict) and origin is dict:
        for name, item in value.items():
            yield from problems(item, get_args(kind)[1], f"{path}.{name}")
    elif isinstance(value, dict) and hasattr(kind, "to_json"):
        yield from _in_object(value, kind, path)
    elif not _is_plain(value, kind):
        yield f"{path}: {value!r} is no {getattr(kind, '__name__', kind)}"


def _in_object(value: dict[str, Any], kind: Kind, path: str) -> Iterator[str]:
    fields = _fields(kind)
    yield from (f"{path}: no such field: {name}" for name in value.keys() - fields.keys())
    yield from (f"{path}: missing: {name}" for name in fields.keys() - value.keys() if not _is_optional(fields[name]))
    for name in fields.keys() & value.keys():
        yield from problems(value[name], fields[name], f"{path}.{name}")
    if kind is dashboard.Panel:
        yield from _in_panel(value, path)


def _in_panel(panel: dict[str, Any], path: str) -> Iterator[str]:
    if panel["type"] not in OPTIONS:
        yield f"{path}: {panel['type']!r} is no type of panel that is known here"
        return
    yield from problems(panel.get("options", {}), OPTIONS[panel["type"]], f"{path}.options")
    custom = panel["fieldConfig"]["defaults"].get("custom")
    if custom is not None:
        yield from problems(custom, CUSTOM[panel["type"]], f"{path}.custom")
    of_field = _fields(dashboard.FieldConfig)
    of_custom = {f"custom.{name}": kind for name, kind in _fields(CUSTOM.get(panel["type"], dashboard.GridPos)).items()}
    for override in panel["fieldConfig"]["overrides"]:
        for one in override["properties"]:
            kind = (of_field | of_custom).get(one["id"])
            if kind is None:
                yield f"{path}: no such property: {one['id']}"
            else:
                yield from problems(one["value"], kind, f"{path}.{one['id']}")


@cache
def _fields(kind: Kind) -> dict[str, Any]:
    """By its name in JSON, the type of each field."""
    hints = get_type_hints(kind)
    blank = kind.__new__(kind)
    for name in hints:
        setattr(blank, name, (name,))
    return {key: hints[marker[0]] for key, marker in blank.to_json().items()}


def _is_optional(kind: Kind) -> bool:
    return type(None) in get_args(kind)


def _is_plain(value: object, kind: Kind) -> bool:
    if kind in (Any, object):
        return True
    origin: Kind = get_origin(kind)
    if origin is Literal:
        return value in get_args(kind)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return value in [member.value for member in kind]
    if kind in (int, float):
        return isinstance(value, int | kind) and not isinstance(value, bool)
    return isinstance(kind, type) and isinstance(value, kind)
