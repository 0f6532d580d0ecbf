"""The terminal: standard output and error, the progress of what a command does, a plain table.

A text that is printed may be a sender's: it is letters, never markup, an emoji by name or a control sequence,
and it stays on its line. What is to be bold or red is said by ``style``.

Put here: what every command prints with. Keep out: what one command prints.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleDimensions, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pipelines import progress
from pipelines.messages import in_language, is_shown, message, printable, printable_lines, say

_UNLIMITED = 100_000


class Terminal(Console):
    """A stream that shows each text as letters on one line. Into a pipe or a file goes plain text: no frame,
    and no line is broken."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, emoji=False)
        # not that of COLUMNS, which some runners hand down to commands in a pipe
        self._width = None

    @property
    def size(self) -> ConsoleDimensions:
        """Letters of a line and lines: those of the terminal, or those that were set."""
        return ConsoleDimensions(_UNLIMITED, super().size.height) if self._is_plain else super().size

    @size.setter
    def size(self, dimensions: tuple[int, int]) -> None:
        self._width, self._height = dimensions

    @property
    def _is_plain(self) -> bool:
        return self._width is None and not self.is_terminal

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as ``Console`` does."""
        for table in objects:
            if self._is_plain and isinstance(table, Table):
                table.box, table.pad_edge = None, False
        super().print(*objects, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """The text as it is laid out, in a line, a table or a tree."""
        # tables and trees ask for markup by themselves
        return super().render_str(printable(in_language(text)), **options | {"markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is laid out, with nothing in it that the terminal acts on; its styles come after this."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable_lines(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Whoever read is gone: the command ends as if by SIGPIPE (``cli.options``)."""
        raise BrokenPipeError


def styled(*parts: str | tuple[str, str]) -> Text:
    """A line of parts, each a text or a text and its style."""
    shown = [
        in_language(part) if isinstance(part, str) else (in_language(part[0]), part[1]) for part in parts
    ]
    return Text.assemble(*shown)


def headings(*message_ids: str) -> list[str]:
    """Headings of a table in one language, so that they fit: Indonesian, unless English was chosen."""
    words = [message(one) for one in message_ids]
    return [word.indonesian if is_shown("id") else word.english for word in words]


def print_both(indonesian: str, english: str, *, indent: str = "  ", lead: str = "") -> None:
    """A text that is at hand in both languages, a line each or as chosen; ``lead`` before the first."""
    if is_shown("id"):
        out.print(f"{indent}{lead}{indonesian}")
    if is_shown("en"):
        out.print(
            f"{indent}{'' if is_shown('id') else lead}{english}", style="dim" if is_shown("id") else None
        )


out = Terminal()
err = Terminal(stderr=True)


class _Spinner:
    """One line that says what is being done; steps stay behind as they pass when there is no terminal."""

    def __init__(self) -> None:
        self.status = err.status("spm", spinner="dots") if err.is_terminal else None
        self.text, self.count = "", 0

    def step(self, text: str) -> None:
        self.text, self.count = in_language(text), 0
        if self.status:
            self.status.update(Text(printable(self.text)))
        else:
            print(f"spm: {printable(self.text)}", file=sys.stderr)

    def advance(self, count: int) -> None:
        self.count += count
        if self.status:
            self.status.update(Text(printable(f"{self.text}: {self.count}")))


@contextmanager
def progress_on_terminal() -> Iterator[None]:
    """Show the progress of what happens inside on standard error."""
    spinner = _Spinner()
    with progress.shown_by(spinner):
        if spinner.status:
            with spinner.status:
                yield
        else:
            yield


def show_demo_notice(is_demo: bool, as_json: bool = False) -> None:
    """That what is shown is made up, where it is; beside JSON on standard error."""
    if is_demo:
        said = say("demo.notice")
        (err if as_json else out).print(said, style="bold red", soft_wrap=True)


def show_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A plain table; columns of whole numbers stand to the right."""
    table = Table(*header)
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=False):
        column.justify = "right" if all(value.isdecimal() for value in values) else "left"
    for row in rows:
        table.add_row(*row)
    out.print(table)
