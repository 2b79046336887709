"""What the documents for scripts have in common."""

from datetime import datetime
from typing import Any

from notifier.window import MaintenanceWindow

VERSION = 1

Document = dict[str, Any]


def region_document(name: str, aws_region: str) -> Document:
    return {"name": name, "aws_region": aws_region}


def window_document(window: MaintenanceWindow) -> Document:
    return {
        "starts_at": window.starts_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "time_zone": str(window.starts_at.tzinfo),
        "in_words": window.in_words,
    }


def moment_document(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
