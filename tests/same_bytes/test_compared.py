"""Two homes are compared table by table: what differs is named, and only ``ALLOWED`` may."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from tests.same_bytes.compared import Unlike, compared, report

SCORES = "select '64.71' as region_code, 50 as index union all select '64.72', 60"
RELEASE = "select 'r0001-aaaaaaaaaaaa' as release_id, 'm' as manifest_sha256, 1 as regions_expected"


def home(folder: Path, tables: Mapping[str, str], release: str = "r0001-aaaaaaaaaaaa") -> Path:
    """A home with one release of these tables."""
    made = folder / "published" / "releases" / release
    made.mkdir(parents=True)
    for table, query in tables.items():
        duckdb.execute(f"copy ({query}) to '{made / table}.parquet' (format parquet)")
    return folder


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scores": SCORES.replace("60", "61")}, "1 rows before alone, 1 now alone, in index"),
        ({"scores": SCORES.replace("index", "score")}, "columns index, score"),
        ({"scores": f"select * from ({SCORES}) order by 1 desc"}, "the same rows, another order"),
        ({"more": SCORES, "scores": SCORES}, "a table of one side alone"),
        ({"mart_release": RELEASE.replace("1 as", "2 as"), "scores": SCORES}, "in regions_expected"),
    ],
    ids=["value", "column", "order", "table", "beside what is allowed"],
)
def test_a_table_that_differs_is_named(tmp_path: Path, changed: Mapping[str, str], said: str) -> None:
    before = home(tmp_path / "before", {"mart_release": RELEASE, "scores": SCORES})
    after = home(tmp_path / "after", {"mart_release": RELEASE, **changed})
    _, unlike = compared(before, after)
    assert [(one.allowed, said in one.what) for one in unlike] == [(False, True)]


def test_ids_of_releases_may_differ_and_nothing_else_is_said(tmp_path: Path) -> None:
    before = home(tmp_path / "before", {"mart_release": RELEASE, "scores": SCORES})
    later = RELEASE.replace("aaaaaaaaaaaa", "bbbbbbbbbbbb")
    after = home(tmp_path / "after", {"mart_release": later, "scores": SCORES}, "r0001-bbbbbbbbbbbb")
    assert compared(before, after) == (
        1,
        [Unlike("r0001", "mart_release", "only release_id, release_before, manifest_sha256", allowed=True)],
    )
    assert list(report(*compared(before, after)))[-1].endswith("1 differ as allowed, 0 otherwise")


def test_a_release_that_is_missing_is_a_difference(tmp_path: Path) -> None:
    before = home(tmp_path / "before", {"scores": SCORES})
    home(tmp_path / "before", {"scores": SCORES}, "r0002-cccccccccccc")
    _, unlike = compared(before, home(tmp_path / "after", {"scores": SCORES}))
    assert [one.what for one in unlike] == ["2 releases, now 1"]
