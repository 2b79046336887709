"""Counts things in words."""


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """Such as `1 org` and `2 orgs`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
