"""Every published cell that changes is told, with its reason and what caused it, and every release can be
built again from the raw store: across a split of regions, a new method and changes of the registry.

The long version, 24 quarters in 26 releases, is ``make history`` (``tests/history``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.history.play import History, Played
from tests.history.script import short
from tests.history.verdict import compared
from tests.integration.candidates import rewrite

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[History, list[Played]]:
    """Four releases by two registries, compared, and built again."""
    history = History(short(), tmp_path_factory.mktemp("history"))
    return history, history.play()


def test_every_changed_cell_is_told_with_the_reason_that_the_script_planned(
    history: tuple[History, list[Played]],
) -> None:
    _, played = history
    assert [said for one in played for said in one.wrong] == []
    assert [sorted(one.reasons) for one in played] == [
        [],
        ["correction", "late_data"],
        ["correction", "new_method", "new_reference_data"],
        ["correction"],
    ]


def test_every_release_is_built_again_from_the_raw_store_to_the_same_hashes(
    history: tuple[History, list[Played]],
) -> None:
    _, played = history
    assert [one.is_same_again for one in played] == [True] * 4


@pytest.mark.parametrize(
    ("lie", "noticed"),
    [
        ("select * from t where column_name <> 'rank_national'", "a changed cell is not told"),
        ("select * replace (replace(new, '1', '2') as new) from t", "other values"),
        (
            "select * replace (if(region_code = '64.72', 'correction', reason) as reason) from t",
            "another cause than planned",
        ),
        ("select * replace (null::varchar as caused_by) from t", "another cause than planned"),
        (
            "select * replace (replace(key, '64.72', '64.71') as key) from t where region_code <> '64.71'",
            "told of a cell that did not change",
        ),
    ],
)
def test_a_ledger_that_is_silent_or_lies_is_noticed(
    history: tuple[History, list[Played]], tmp_path: Path, lie: str, noticed: str
) -> None:
    played, (first, second, *_) = history
    releases = played.home / "published" / "releases"
    false = tmp_path / second.release_id
    shutil.copytree(releases / second.release_id, false)
    false.chmod(0o755)
    rewrite(false / "mart_restatement.parquet", lie)
    _, wrong = compared(played.script.releases[1], releases / first.release_id, false)
    assert any(said.startswith(noticed) for said in wrong), wrong
