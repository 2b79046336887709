"""What operators say in their own words, and the ledger keeps."""

from typing import Any

import click


class Remark(click.ParamType[str]):
    """One text that says something. Whatever is not UTF-8 is replaced, because no ledger can keep it."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 — as click has it
        text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "").strip()
        if not text:
            self.fail("it is empty; say it in a few words.", param, ctx)
        return text
