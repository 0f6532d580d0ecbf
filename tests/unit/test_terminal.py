"""What a sender wrote reaches a terminal, a log or a file of JSON as letters, on one line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.table import Table
from rich.tree import Tree

from pipelines.cli import options
from pipelines.cli.show import reports, terminal
from pipelines.errors import ConfigurationError, UnavailableError
from pipelines.messages import cause, message, printable_json, say, shown, traceback_text
from pipelines.settings import SettingsError, read_settings

pytestmark = pytest.mark.attack("output")

HOSTILE = {
    "an ANSI escape": "\x1b[31mred\x1b[0m",
    "an 8-bit escape": "\x9b31mred",
    "a title for the window": "\x1b]0;owned\x07",
    "a link (OSC 8)": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "a bidi override": "abc\u202egnp.exe\u202c",
    "invisible letters": "a\u200bb\u2060c\ufeff",
    "a line that looks like ours": "x\nspm: r0002 published",
    "a line of another kind": "x\u2028spm: r0002 published\x85y",
    "a carriage return": "harmless\rspm: done",
    "erasing": "secret\x08\x08\x08\x08\x08\x08\x7f",
    "half a character": "a\ud800b",
    "a byte that is no UTF-8": "a\udcffb",
    "markup": "[red]x[/red] [link=https://evil.example]y[/link] [/nothing]",
    "an emoji by name": ":warning: :bomb:",
    "a very long text": "x" * 100_000,
}
each = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def is_harmless(said: str) -> bool:
    """Whether nothing but letters and the ends of lines is in it."""
    return said.replace("\n", "").isprintable() and not said.encode().startswith(b"\xef\xbb")


def printed(*renderables: object) -> str:
    """What a terminal that knows colours is sent, without our own colours."""
    console = terminal.Terminal()
    console.file = io.StringIO()
    for one in renderables:
        console.print(one, soft_wrap=isinstance(one, str))
    return console.file.getvalue()


@each
def test_each_way_of_printing_shows_letters_alone(text: str) -> None:
    table = Table("a", title=text)
    table.add_row(text)
    tree = Tree(text)
    tree.add(text)
    assert is_harmless(printed(text, table, tree))
    assert printed(text).count("\n") == 1


@each
def test_what_is_a_message_or_an_error_is_one_line_of_letters_of_some_length(text: str) -> None:
    said = [
        say("run.held_back", at=text),
        say("rest.failed", attempts=1, why=text),
        str(message("rest.failed", attempts=1, why=message("rest.failed", attempts=1, why=text))),
        str(cause(ValueError(text))),
        str(ConfigurationError(say("check.no_file", at=text))),
    ]
    assert all(one.isprintable() and len(one) < 10_000 for one in said)
    assert is_harmless(str(UnavailableError(f"https://example.go.id/{text}: HTTP 500")))


@each
def test_json_says_the_same_and_holds_no_control(text: str) -> None:
    said = printable_json(json.dumps({text: [text]}, ensure_ascii=False, indent=1))
    assert is_harmless(said)
    assert json.loads(said) == {text: [text]}


@each
def test_no_line_of_a_traceback_looks_like_one_of_ours(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        first, *lines = traceback_text(error).split("\n")
    assert first == "Traceback (most recent call last):"
    assert all(line.startswith(("| ", "  ")) and line.isprintable() for line in lines)


def test_markup_and_emoji_of_a_sender_are_shown_as_they_were_written() -> None:
    assert "[red]x[/red] [link=https://evil.example]y[/link] [/nothing]" in printed(HOSTILE["markup"])
    assert ":warning: :bomb:" in printed(HOSTILE["an emoji by name"])


def test_texts_as_they_are_meant_stay() -> None:
    text = "Kabupaten Kep. Tanimbar — “Ṣūrabaya” 北京 ½ 'x' 100 %"
    assert shown(text) == text
    assert text in printed(text)


@each
def test_an_explanation_and_findings_are_letters_alone(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    reports.show_explanation({"title": text, "children": [{"title": text, "children": []}]})
    found = {"severity": "fatal", "rule_id": "NUM-001", "document": text, "place": text}
    reports.show_findings([{**found, "message_id": text, "message_en": text}])
    options.print_json({"text": text})
    options.tell(f"spm: {text}", err=True)
    said = capsys.readouterr()
    assert is_harmless(said.out)
    assert is_harmless(said.err)


@pytest.mark.parametrize("name", ["what?", "a\nb", "a\x1b[31m", "a\u202eb"])
def test_a_home_that_the_database_cannot_write_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({}, home=tmp_path / name)
    assert str(refused.value).isprintable()
