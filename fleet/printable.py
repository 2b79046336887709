"""Text that somebody else wrote, made fit for one line of a log or a terminal."""


def printable(text: str, most_characters: int | None = None) -> str:
    r"""
    One line, in which control, invisible and direction-changing characters stand as escapes such as `\x1b`.

    Shortened where it is longer than `most_characters`.
    """
    line = " ".join(text.split())
    if most_characters is not None and len(line) > most_characters:
        line = line[:most_characters] + "…"
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in line
    )
