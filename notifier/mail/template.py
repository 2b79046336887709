"""A template of the mail's text: compiled once, and filled in with values that are already escaped."""

from collections.abc import Mapping
from pathlib import Path

import jinja2

from fleet.errors import ConfigurationError
from fleet.given_files import whole_file


class TextTemplate:
    """Raises ConfigurationError if the file cannot be read or is not a valid template."""

    def __init__(self, path: Path) -> None:
        self._path = path
        environment = jinja2.Environment(  # noqa: S701 — the output is Notify's Markdown, not HTML; see plain_text
            undefined=jinja2.StrictUndefined, keep_trailing_newline=False, finalize=_refuse_none
        )
        try:
            self._template = environment.from_string(whole_file(path).decode())
        except OSError as error:
            raise ConfigurationError(f"--template '{path}': {error.strerror}") from error
        except UnicodeDecodeError:
            raise ConfigurationError(f"--template '{path}': not a text file in UTF-8") from None
        except jinja2.TemplateSyntaxError as error:
            raise ConfigurationError(f"--template '{path}', line {error.lineno}: {error.message}") from error

    def filled(self, values: Mapping[str, object]) -> str:
        """
        The same values always give the same text.

        Raises ConfigurationError if the template uses a name that does not exist, or prints nothing at all.
        """
        try:
            text = self._template.render(values)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise ConfigurationError(f"--template '{self._path}': {error}") from error
        if not text.strip():
            raise ConfigurationError(f"--template '{self._path}': it renders to nothing")
        return text.strip() + "\n"


def _refuse_none(value: object) -> object:
    if value is None:
        raise jinja2.UndefinedError("a value that it prints is missing; write {% if ... %} around it")
    return value
