"""``make new-mart NAME=mart_x``: the skeleton of a mart, in each of its six places.

What says TODO or begins with ``todo_`` is for a person; a contract test lists what is left. All else about a
mart (golden files, its row in the data contract, exposures) is written by ``make golden``.

Put here: writing the skeleton. Keep out: its texts (``mart/``).
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from pathlib import Path
from string import Template

PROJECT = Path(__file__).resolve().parents[1]
TEMPLATES = Path(__file__).with_name("mart")

MARTS = Path("dbt_project/models/marts")
CHECKS = Path("dbt_project/seeds/gate_checks.csv")
WORDS = Path("dbt_project/seeds/columns.csv")
BREAKING = Path("tests/integration/breaking.py")
END_OF_BREAKING = "]  # make new-mart adds above\n"

_SENTENCES = (
    ("There are rows", "Ada baris", "Contract 5"),
    ("Every period has rows", "Setiap periode memiliki baris", "Contract 5"),
    ("A region stands once in a period", "Setiap daerah tercantum satu kali per periode", "Contract 4"),
    ("TODO", "TODO (Indonesia)", "TODO"),
)
_CASES = (
    'Breaking("{prefix}-001", EMPTY, also="{prefix}-002")',
    'Breaking("{prefix}-002", FIRST_PERIOD)',
    'Breaking("{prefix}-003", twice(OF_BALIKPAPAN))',
    'Breaking("{prefix}-004", changed("todo_measure", "-1", OF_BALIKPAPAN))',
)


class SkeletonError(ValueError):
    """No skeleton of that name can be written; the message says why."""


def write_mart(project: Path, name: str, folder: str = "scoring") -> list[Path]:
    """Write the skeleton of the mart ``name`` into ``project``; returns its places, relative to it.

    Raises:
        SkeletonError: the name is no name of a mart, or is taken; there is no such folder.
    """
    if not re.fullmatch(r"mart_[a-z]+(_[a-z]+)*", name):
        raise SkeletonError(f"{name!r}: a mart is named mart_<thing>, in small letters and in the singular")
    if taken := list((project / MARTS).rglob(f"{name}.*")):
        raise SkeletonError(f"{name}: there is {taken[0].relative_to(project)} already")
    if not (project / MARTS / folder).is_dir():
        found = sorted(path.name for path in (project / MARTS).iterdir())
        raise SkeletonError(f"{MARTS / folder}: no such folder; there are {', '.join(found)}")
    prefix = _free_prefix(project, name)
    values = {"name": name, "prefix": prefix}
    model, card, suite = (
        MARTS / folder / f"{name}.sql",
        MARTS / folder / f"{name}.yml",
        Path("expectations") / f"{name}.py",
    )
    for path, template in ((model, "model.sql"), (card, "card.yml"), (suite, "suite.py.txt")):
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        (project / path).write_text(Template(text).substitute(values), encoding="utf-8")
    _add_words(project / WORDS, name)
    checks = [
        [f"{prefix}-{number:03d}", name, "fatal", *said] for number, said in enumerate(_SENTENCES, start=1)
    ]
    with (project / CHECKS).open("a", encoding="utf-8") as file:
        file.write(_lines(checks))
    cases = "".join(f"    {case.format(prefix=prefix)},\n" for case in _CASES)
    breaking = (project / BREAKING).read_text(encoding="utf-8")
    if breaking.count(END_OF_BREAKING) != 1:
        raise SkeletonError(f"{BREAKING}: the list BREAKING ends with the line {END_OF_BREAKING!r}")
    (project / BREAKING).write_text(
        breaking.replace(END_OF_BREAKING, cases + END_OF_BREAKING), encoding="utf-8"
    )
    return [model, card, WORDS, suite, CHECKS, BREAKING]


def todos(project: Path, paths: list[Path]) -> list[str]:
    """What is left to a person in some files, a line each: ``file:line: text``."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate((project / path).read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\bTODO\b|\btodo_", line)
    ]


def _free_prefix(project: Path, name: str) -> str:
    """Two letters for the ids of its checks that no other suite has."""
    taken = set(re.findall(r"^([A-Z]{2})-", (project / CHECKS).read_text(encoding="utf-8"), re.MULTILINE))
    letters = name.removeprefix("mart_").replace("_", "").upper()
    pairs = (letters[0] + other for other in letters[1:] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return next(pair for pair in pairs if pair not in taken)


def _add_words(path: Path, name: str) -> None:
    """The words of the measure, in their place: rows are sorted by column and table."""
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "TODO."
    rows.append(
        _lines([["todo_measure", name, "TODO", "TODO", f"{text} (Indonesia).", text, "TODO", "none"]])
    )
    path.write_text(header + "".join(sorted(rows, key=_column_of)), encoding="utf-8")


def _column_of(line: str) -> tuple[str, ...]:
    return tuple(next(csv.reader([line]))[:2])


def _lines(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write the skeleton and say what is left."""
    parser = argparse.ArgumentParser(description="The skeleton of a mart")
    parser.add_argument("name", help="mart_<thing>")
    parser.add_argument("folder", nargs="?", default="scoring", help=f"a folder of {MARTS}")
    asked = parser.parse_args()
    try:
        places = write_mart(PROJECT, asked.name, asked.folder)
    except SkeletonError as error:
        sys.exit(str(error))
    print("\n".join(todos(PROJECT, places)))
    print("\nWrite what is TODO, then `make golden`, and look at the diff (docs/runbooks/mart.md).")


if __name__ == "__main__":
    main()
