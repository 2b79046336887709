"""Text that somebody else wrote, as a part of a message of ours."""

from fleet.program.text import visible


def one_line(text: str, most_characters: int | None = None) -> str:
    """On one line, with what could not be seen as codes; shortened where it is longer than `most_characters`."""
    line = " ".join(text.split())
    if most_characters is not None and len(line) > most_characters:
        line = line[:most_characters] + "…"
    return visible(line)
