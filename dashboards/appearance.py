"""How a value looks: its unit, its colour, and words where it would be a number or a word of AWS's."""

from dataclasses import dataclass

from grafana_foundation_sdk.models.common import (
    TableBarGaugeCellOptions,
    TableCellBackgroundDisplayMode,
    TableColoredBackgroundCellOptions,
)
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColor,
    FieldColorModeId,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GREEN, BLUE, YELLOW, ORANGE, RED, GREY = "green", "blue", "yellow", "orange", "red", "text"

Steps = dict[float | None, str]
"""Colours, each from its value on; the first has none."""
Properties = tuple[DynamicConfigValue, ...]

DAY = 86400
TIME_LEFT: Steps = {None: RED, 3 * DAY: ORANGE, 14 * DAY: GREEN}
"""A window needs three working days' notice, and critical updates are due within 14 days of their release."""


@dataclass(frozen=True)
class Column:
    title: str = ""
    """Empty for a column that is not shown: links are made of its values."""
    properties: Properties = ()


def words(*meanings: tuple[str, str, str]) -> ValueMapping:
    """Each a value, what it is shown as, and its colour."""
    return ValueMap(
        {
            value: ValueMappingResult(text=text, color=color, index=number)
            for number, (value, text, color) in enumerate(meanings)
        }
    )


def unit(name: str) -> Properties:
    return (DynamicConfigValue("unit", name),)


def by_steps(steps: Steps) -> Properties:
    """Its background has the colour of the step that the value has reached."""
    listed = [Threshold(value=value, color=color) for value, color in steps.items()]
    return (
        DynamicConfigValue("thresholds", ThresholdsConfig(ThresholdsMode.ABSOLUTE, listed)),
        DynamicConfigValue("color", FieldColor(FieldColorModeId.THRESHOLDS)),
        _BACKGROUND,
    )


def by_words(mapping: ValueMapping) -> Properties:
    """The words, on a background of their colours."""
    return (DynamicConfigValue("mappings", [mapping]), _BACKGROUND)


def bar(color: str) -> Properties:
    """A share, as a bar from 0 to 1."""
    return (
        *unit("percentunit"),
        DynamicConfigValue("min", 0),
        DynamicConfigValue("max", 1),
        *colored(color),
        DynamicConfigValue("custom.cellOptions", TableBarGaugeCellOptions()),
    )


def colored(color: str) -> Properties:
    return (DynamicConfigValue("color", FieldColor(FieldColorModeId.FIXED, color)),)


_BACKGROUND = DynamicConfigValue(
    "custom.cellOptions", TableColoredBackgroundCellOptions(TableCellBackgroundDisplayMode.BASIC)
)

LIMIT = (
    *colored(RED),
    DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
    DynamicConfigValue("custom.fillOpacity", 0),
)
"""The one style that marks a limit over time."""

DATE = unit("dateTimeAsIso")
DURATION = unit("s")
SEVERITY = by_words(
    words(
        ("critical", "critical", RED),
        ("important", "important", ORANGE),
        ("medium", "medium", YELLOW),
        ("low", "low", BLUE),
    )
)
KIND = by_words(
    words(
        ("security-update", "security", GREY),
        ("engine-update", "engine", GREY),
        ("engine-major-version-update", "major version: no window takes it", YELLOW),
    )
)
BY_ITSELF = by_words(words(("1", "yes, after the date", ORANGE), ("0", "no", GREY)))
HIGHLY_AVAILABLE = by_words(words(("true", "yes: up to a minute", GREEN), ("false", "no: up to 30 minutes", ORANGE)))
GROUP_STATUS = by_words(
    words(
        ("available", "available", GREEN),
        ("modifying", "modifying", ORANGE),
        ("snapshotting", "snapshotting", ORANGE),
        ("creating", "creating", ORANGE),
        ("deleting", "deleting", ORANGE),
        ("create-failed", "create-failed", RED),
        ("unknown", "unknown to AWS", RED),
    )
)
