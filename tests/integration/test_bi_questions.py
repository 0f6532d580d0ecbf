"""Questions as analysts ask them (docs/bi/questions): each is one short query on the views."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import URL

from pipelines.publish.postgres.address import Address
from pipelines.publish.releases import Releases
from pipelines.settings import PROJECT_DIR
from tests.integration.bi_answers import ANSWERS, UNORDERED, Published
from tests.integration.bi_home import bi_home
from tests.integration.loads import Home, asked
from tests.integration.test_bi_views import loaded_database

FOLDER = PROJECT_DIR / "docs" / "bi" / "questions"
QUESTIONS = sorted(FOLDER.glob("*.sql"))


@pytest.fixture(scope="module")
def tables() -> Published:
    return Published(bi_home())


@pytest.fixture(scope="module")
def in_duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    place = bi_home().published / "current" / "spm.duckdb"
    with duckdb.connect(str(place), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def in_postgres(postgres: URL) -> Iterator[Address]:
    settings = bi_home()
    home = Home(settings, Releases(settings.published).ids())
    with loaded_database(postgres, home, "bi_questions") as found:
        yield found


def number_of(file: Path) -> str:
    return file.stem.partition("-")[0]


def told(file: Path, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The columns of an answer that are compared."""
    number = number_of(file)
    if number == "01":  # those without a rank stand below
        rows = [row for row in rows if row[0] is not None]
    columns = ANSWERS[number][1]
    found = [tuple(row[place] for place in columns) if columns else tuple(row) for row in rows]
    return sorted(found) if number in UNORDERED else found


def alike(one: Any, other: Any) -> bool:
    """Equal; numbers of any type but for what a mean of six digits rounds."""
    if isinstance(one, str) or one is None or not hasattr(one, "__float__"):
        return bool(one == other)
    return other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=2e-6)


def test_every_question_has_an_answer_that_is_worked_out() -> None:
    assert {number_of(file) for file in QUESTIONS} == set(ANSWERS)
    assert len(QUESTIONS) >= 25


@pytest.mark.parametrize("file", QUESTIONS, ids=number_of)
def test_a_question_is_answered_rightly_by_both(
    file: Path, tables: Published, in_duckdb: duckdb.DuckDBPyConnection, in_postgres: Address
) -> None:
    wanted = ANSWERS[number_of(file)][0](tables)
    sql = file.read_text(encoding="utf-8")
    for rows in (in_duckdb.execute(sql).fetchall(), asked(in_postgres, sql)):
        found = told(file, rows)
        assert len(found) == len(wanted) > 0
        wrong = [
            pair
            for pair in zip(found, wanted, strict=True)
            if not all(alike(*both) for both in zip(*pair, strict=True))
        ]
        assert wrong == []


def test_a_question_is_short_and_says_in_both_languages_what_it_asks() -> None:
    for file in QUESTIONS:
        first, second, *query = file.read_text(encoding="utf-8").splitlines()
        assert first.startswith("-- "), file.name
        assert second.startswith("-- "), file.name
        assert len(query) <= 9, file.name
        assert "join" not in " ".join(query), file.name
