"""What Notify makes of a mail's body."""

import html as markup


def html(body: str) -> str:
    paragraphs = (markup.escape(paragraph, quote=False) for paragraph in body.split("\n\n"))
    return "".join(f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def text(body: str) -> str:
    return body


def document(subject: str, body: str) -> str:
    """The whole page that Notify sends."""
    title = markup.escape(subject)
    return f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head><body>{html(body)}</body></html>'
