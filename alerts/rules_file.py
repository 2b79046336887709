"""The rules, and the places to read on at in them: this project's runbook and the exporter's page."""

import re
from pathlib import Path

RULES_FILE = Path(__file__).parent / "elasticache-updates.rules.yml"

_RUNBOOK = re.compile(r"(?<=runbook_url: )(?=docs/)")
_PAGE = re.compile(r"(?<=page_url: )(?=/)")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_ADDRESS = re.compile(r"https?://[^\s?#'\"]+")


def with_addresses(rules: str, runbook_url: str, page_url: str) -> str:
    """
    The text of a rules file with whole links, else unchanged, comments too.

    `runbook_url` is the address of this project's root folder where people read it, `page_url` that of the exporter's
    page; an empty one leaves its links as they are. A page's may hold a template, such as `{{ $labels.aws_region }}`.
    Raises ValueError for what is no address.
    """
    for address in filter(None, (runbook_url, page_url)):
        if not _ADDRESS.fullmatch(_TEMPLATE.sub("", address)):
            raise ValueError(f"'{address}': begin it with https:// or http://, and leave out spaces, ?, # and quotes")
    with_runbook = _RUNBOOK.sub(_prefix(runbook_url), rules) if runbook_url else rules
    return _PAGE.sub(_prefix(page_url).removesuffix("/"), with_runbook) if page_url else with_runbook


def _prefix(address: str) -> str:
    return address.rstrip("/").replace("\\", "\\\\") + "/"
