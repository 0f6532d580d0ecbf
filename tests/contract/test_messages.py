"""Every message for people stands in ``pipelines/messages.csv``, in both languages, and is used.

Text for people in the code itself is found by its notation: two languages joined by a stroke.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from pipelines.messages import CATALOGUE, catalogue, cause, message, say
from pipelines.settings import PROJECT_DIR

SAYING = ("say", "message")
FILES = sorted(
    path for folder in ("pipelines", "spm_sample") for path in (PROJECT_DIR / folder).rglob("*.py")
)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
MESSAGES = catalogue()
TWO_LANGUAGES = re.compile(r"(?:[^\W\d]\W?|^) / (?:[^\W\d]|$)")
"""A stroke between words, or between words and a value of an f-string."""
WITH_A_STROKE = {
    "pipelines/reports/explanation.py": "how many of how many",
    "pipelines/reports/movement.py": "how many of how many",
    "pipelines/reports/feedback/cells.py": "two values that a finding compares",
    "pipelines/messages.py": "what joins the languages",
    "pipelines/quality/page.py": "how many of how many",
    "pipelines/readers/layouts/tables.py": "what joins the levels of a label",
}
"""Files in which a stroke with nothing else in its text is between other things, and which they are."""


def calls(path: Path) -> Iterator[tuple[int, str, set[str]]]:
    """Each call of ``say`` or ``message`` with a literal id: its line, the id, the names of its values."""
    for node in ast.walk(TREES[path]):
        is_say = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING
        if is_say and node.args and isinstance(node.args[0], ast.Constant):
            names = {keyword.arg for keyword in node.keywords if keyword.arg not in (None, "at")}
            yield node.lineno, node.args[0].value, names


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Each text in the code that is no docstring, constant or part of an f-string, with its line."""
    docstrings = {id(node.value) for node in ast.walk(TREES[path]) if isinstance(node, ast.Expr)}
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


SAID = [(path.relative_to(PROJECT_DIR), *call) for path in FILES for call in calls(path)]


def fields(text: str) -> set[str]:
    """The values that a text names."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("message_id", MESSAGES)
def test_a_message_names_the_same_values_in_both_languages(message_id: str) -> None:
    indonesian, english = MESSAGES[message_id]
    assert indonesian.strip() == indonesian != ""
    assert english.strip() == english != ""
    assert fields(indonesian) == fields(english), f"{CATALOGUE.name}: {message_id}"


def test_no_id_stands_twice_and_ids_are_in_order() -> None:
    ids = [line.split(",", 1)[0] for line in CATALOGUE.read_text(encoding="utf-8").splitlines()[1:]]
    assert ids == sorted(set(ids)), "messages.csv: one line an id, in the order of ids"


def test_every_message_said_is_in_the_catalogue_with_its_values() -> None:
    wrong = [
        f"{path}:{line}: {message_id} {'is not in messages.csv' if message_id not in MESSAGES else names}"
        for path, line, message_id, names in SAID
        if message_id not in MESSAGES or names != fields(" ".join(MESSAGES[message_id]))
    ]
    assert not wrong


def test_every_message_of_the_catalogue_is_said() -> None:
    unused = MESSAGES.keys() - {text for path in FILES for _, text in literals(path)}
    assert not unused, f"remove from messages.csv: {sorted(unused)}"


def test_a_message_has_its_place_first_and_indonesian_before_english() -> None:
    assert say("sample.unknown_kind", at="--kind x", known="csv") == (
        "--kind x: salah satu dari csv / one of csv"
    )


def test_a_value_that_is_a_message_is_said_in_the_language_of_the_sentence() -> None:
    gone = ConnectionError(message("file.wrong_size", received=1, size=2))
    assert say("source.unavailable", at="inbox", why=cause(gone)) == (
        "inbox: sumber tidak dapat dibuka (1 byte diterima, bukan 2); periksa alamat, jaringan, dan izin"
        " / the source cannot be opened (1 bytes came instead of 2); check address, network and permission"
    )
    assert str(cause(OSError(28, "No space left\non device"))) == "[Errno 28] No space left on device"


def test_no_text_in_two_languages_stands_in_the_code() -> None:
    found = [
        f"{path.relative_to(PROJECT_DIR)}:{line}: {text!r}: move it to {CATALOGUE.name}"
        for path in FILES
        for line, text in literals(path)
        if TWO_LANGUAGES.search(text)
        and not (text == " / " and path.relative_to(PROJECT_DIR).as_posix() in WITH_A_STROKE)
    ]
    assert not found
