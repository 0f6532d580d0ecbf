"""Every message for people stands in ``pipelines/messages.csv``, in both languages, and is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from pipelines.messages import CATALOGUE, catalogue, say
from pipelines.settings import PROJECT_DIR

FILES = sorted(
    path for folder in ("pipelines", "spm_sample") for path in (PROJECT_DIR / folder).rglob("*.py")
)
MESSAGES = catalogue()


def calls(path: Path) -> Iterator[tuple[int, str, set[str]]]:
    """Each call of ``say`` with a literal id: its line, the id, the names of its values."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_say = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
        if is_say and node.args and isinstance(node.args[0], ast.Constant):
            names = {keyword.arg for keyword in node.keywords if keyword.arg not in (None, "at")}
            yield node.lineno, node.args[0].value, names


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
    written = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    unused = [message_id for message_id in MESSAGES if f'"{message_id}"' not in written]
    assert not unused, f"remove from messages.csv: {unused}"


def test_a_message_has_its_place_first_and_indonesian_before_english() -> None:
    assert say("sample.unknown_kind", at="--kind x", known="csv") == (
        "--kind x: salah satu dari csv / one of csv"
    )
