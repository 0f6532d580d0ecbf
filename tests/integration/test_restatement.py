"""A published figure that changes says why, and by which document; one that cannot is not published."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.show import terminal
from pipelines.publish.release import GateClosedError
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from tests.integration.candidates import rewrite
from tests.integration.forging import rewrite as rewrite_manifest
from tests.integration.home import (
    RECEIVED,
    Row,
    candidate_of,
    closed_by,
    document,
    judged_by,
    publish_periods,
    put,
    restated,
    settings_of,
)

THIRD, FOURTH = "2024-Q3", "2024-Q4"
OF_REGENCY = [service.service_code for service in services_owed("regency_city", Period.parse(THIRD))]
Key = tuple[str, str | None, str, str]


def report(region: str, period: str, served: int, *more: Row) -> list[Row]:
    """A whole report: of each service, ``served`` of ten; and rows of other records."""
    where = {"region": region, "period": period}
    row = {"record": "achievement", "component": "recipients", "target": "10", "realised": str(served)}
    return [*({**row, **where, "service": code} for code in OF_REGENCY), *({**one, **where} for one in more)]


def plan(item: str, note: str) -> Row:
    """A row of an action plan."""
    return {"record": "action_plan", "sector": "sosial", "item": item, "realised": "1", "note": note}


def send(settings: Settings, name: str, rows: Sequence[Row], day: int) -> str:
    """Put a document into the inbox, ``day`` days late; returns its id."""
    content = document(rows)
    put(settings.home.parent / "inbox" / f"{name}.csv", content, RECEIVED + timedelta(days=day))
    return hashlib.sha256(content).hexdigest()[:12]


def ledger(settings: Settings) -> dict[Key, Row]:
    """The ledger of the current release by table, region, period and column."""
    rows = restated(settings)
    return {(row["table_name"], row["region_code"], row["period"], row["column_name"]): row for row in rows}


@dataclass(frozen=True, slots=True)
class History:
    """A home with three releases: two regions; a third comes late for one quarter; the first corrects it."""

    settings: Settings
    releases: list[str]
    ledgers: list[dict[Key, Row]]
    late: str
    corrected: str


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> History:
    """The three releases. Copy the home, never change it."""
    settings = settings_of(tmp_path_factory.mktemp("history"))
    plans = [plan("Pelatihan", "tahap awal"), plan("Pengadaan", "lelang")]
    for period in (THIRD, FOURTH):
        more = 0 if period == THIRD else 3  # quarters accumulate
        send(settings, f"balikpapan-{period}", report("64.71", period, 5 + more, *plans), 0)
        send(settings, f"samarinda-{period}", report("64.72", period, 7 + more), 0)
    releases, ledgers = [publish_periods(settings, [THIRD, FOURTH]).release_id], [ledger(settings)]
    late = send(settings, "bontang", report("64.74", THIRD, 9), 3)
    releases.append(publish_periods(settings, [THIRD]).release_id)
    ledgers.append(ledger(settings))
    plans[1] = plan("Pengadaan", "selesai")
    corrected = send(settings, "balikpapan-perbaikan", report("64.71", THIRD, 6, *plans), 4)
    releases.append(publish_periods(settings, [THIRD]).release_id)
    ledgers.append(ledger(settings))
    return History(settings, releases, ledgers, late, corrected)


@pytest.fixture
def history(made_once: History, tmp_path: Path) -> History:
    """The three releases in a home of the test's own."""
    shutil.copytree(made_once.settings.home.parent, tmp_path / "copy", symlinks=True)
    settings = settings_of(tmp_path / "copy")
    return replace(made_once, settings=settings)


def cause(row: Row) -> tuple[str | None, str | None]:
    """Reason and documents."""
    return row["reason"], row["caused_by"]


def spm_diff(settings: Settings, *arguments: str) -> tuple[int, str]:
    """Run ``spm diff``; the exit code and what it printed."""
    result = CliRunner().invoke(app, ["diff", *arguments, "--home", str(settings.home)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def cells_of(settings: Settings, *arguments: str) -> dict[Key, Row]:
    """The cells that ``spm diff --json`` gives, by table, region, period and column."""
    code, printed = spm_diff(settings, *arguments, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(printed)
    assert found["total"] == len(found["cells"])
    return {
        (row["table_name"], row["region_code"], row["period"], row["column_name"]): row
        for row in found["cells"]
    }


def tamper(settings: Settings, table: str, query: str) -> None:
    """Make the current release one that was published with the rows of ``query`` (of ``t``)."""
    current = settings.published / "current"
    file = current.resolve() / f"{table}.parquet"
    file.parent.chmod(0o755)
    rewrite(file, query)
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()

    def told(said: dict[str, Any]) -> None:
        said["content"]["tables"][table].update(sha256=sha256, bytes=len(content))
        said["files"][file.name] = sha256

    made = rewrite_manifest(file.with_name("manifest.json"), told)
    current.unlink()
    current.symlink_to(f"releases/{made}")


def without_table(history: History, table: str) -> str:
    """Make the first release one that was published without a table; returns its id."""
    folder = history.settings.published / "releases"
    first, second = (folder / one / "manifest.json" for one in history.releases[:2])
    first.parent.chmod(0o755)
    first.with_name(f"{table}.parquet").unlink()
    made = rewrite_manifest(
        first, lambda said: (said["content"]["tables"].pop(table), said["files"].pop(f"{table}.parquet"))
    )
    second.parent.chmod(0o755)
    rewrite_manifest(second, lambda said: said.update(release_before=made))
    return made


def test_a_first_release_restates_nothing(made_once: History) -> None:
    assert made_once.ledgers[0] == {}


def test_late_data_names_its_document_and_explains_the_ranks_of_the_others(made_once: History) -> None:
    found = made_once.ledgers[1]
    late = ("late_data", made_once.late)
    assert {cause(row) for row in found.values()} == {late}
    assert {row["release_before"] for row in found.values()} == {made_once.releases[0]}
    assert {period for _, _, period, _ in found} == {THIRD}
    mine = found["fct_indicator", "64.74", THIRD, "status"]
    assert (mine["old"], mine["new"]) == ("missing", "reported")
    ranked = found["mart_region_score", "64.72", THIRD, "rank_national"]
    assert (ranked["old"], ranked["new"], ranked["sector_code"]) == ("1", "2", None)
    assert cause(found["mart_national_score", None, THIRD, "regions_reported"]) == late
    others = {column for table, region, _, column in found if region in {"64.71", "64.72"}}
    assert others == {"rank_national", "n_national", "rank_province", "n_province"}


def test_a_correction_names_its_document_and_the_quarter_after_it_follows_by_routine(
    made_once: History,
) -> None:
    found = made_once.ledgers[2]
    index = found["mart_region_score", "64.71", THIRD, "index"]
    assert (index["old"], index["new"], *cause(index)) == ("40", "48", "correction", made_once.corrected)
    assert json.loads(index["key"]) == {"period": THIRD, "region_code": "64.71"}
    after = found["mart_region_score", "64.71", FOURTH, "change_from_previous_period"]
    assert (after["old"], after["new"], *cause(after)) == ("24", "16", "routine", made_once.corrected)
    assert {cause(row) for key, row in found.items() if row is not after} == {
        ("correction", made_once.corrected)
    }


def test_a_row_sent_again_as_it_was_is_no_change(made_once: History) -> None:
    plans = {key[3]: row for key, row in made_once.ledgers[2].items() if key[0] == "fct_stage"}
    assert {column: (row["old"], row["new"]) for column, row in plans.items()} == {
        "note": ("lelang", "selesai")
    }
    assert json.loads(plans["note"]["key"])["stage"] == "Pengadaan"


def test_the_same_documents_again_publish_nothing(history: History) -> None:
    again = publish_periods(history.settings, [THIRD, FOURTH])
    assert (again.release_id, again.is_new) == (history.releases[2], False)


def rename_band(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update registry.bands set name_id = 'Belum Selesai' where band_code = 'belum_tuntas'")


def test_a_changed_seed_is_new_reference_data(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    # a registry that changed and does not say so
    with pytest.raises(GateClosedError, match="RS-001"), judged_by("mart_restatement"):
        publish_periods(history.settings, [THIRD], rename_band, judged=True)
    monkeypatch.setattr("pipelines.publish.causes.reference_digest", lambda period: "1" * 64)
    assert publish_periods(history.settings, [THIRD], rename_band).is_new
    found = ledger(history.settings)
    assert {(table, column, *cause(row)) for (table, _, _, column), row in found.items()} == {
        ("mart_region_score", "band_name", "new_reference_data", None)
    }


def test_a_period_is_compared_with_the_code_that_made_it(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new code first makes the other period, and the release carries this one over."""
    monkeypatch.setattr("pipelines.provenance.code.numbers_sha256", lambda: "2" * 64)
    send(history.settings, "bontang-2", report("64.74", FOURTH, 9), 5)
    publish_periods(history.settings, [FOURTH])
    assert publish_periods(history.settings, [THIRD], rename_band).is_new
    assert {cause(row) for row in ledger(history.settings).values()} == {("new_code", None)}


def test_another_mapping_of_the_same_bytes_is_new_reference_data(history: History) -> None:
    sources = history.settings.sources_file
    assert sources is not None
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text + "  values: {realised: {'9': '8'}}\n", encoding="utf-8")
    assert publish_periods(history.settings, [THIRD]).is_new
    found = ledger(history.settings)
    index = found["mart_region_score", "64.74", THIRD, "index"]
    assert (index["old"], index["new"], *cause(index)) == ("72", "64", "new_reference_data", history.late)


def test_a_column_that_was_not_published_restates_nothing(history: History) -> None:
    tamper(history.settings, "mart_compliance", "select * exclude (documents_rejected) from t")
    assert publish_periods(history.settings, [THIRD]).is_new
    assert ledger(history.settings) == {}


def test_a_change_without_a_reason_closes_the_gate_of_its_period_alone(history: History) -> None:
    moved = f"if(region_code = '64.72' and period = '{THIRD}', 1, index)::decimal(18, 6) as index"
    tamper(history.settings, "mart_service_score", f"select * replace ({moved}) from t")
    rows = [*report("64.74", THIRD, 8), *report("64.74", FOURTH, 9)]  # so that both are built again
    late = send(history.settings, "bontang-2", rows, 5)
    assert closed_by(candidate_of(history.settings, [THIRD, FOURTH]), "mart_restatement") == {
        THIRD: ["RS-001"]
    }
    publish_periods(history.settings, [FOURTH])
    found = ledger(history.settings)
    assert {(period, *cause(row)) for (_, _, period, _), row in found.items()} == {
        (FOURTH, "late_data", late)
    }


def test_diff_of_neighbours_is_the_ledger(made_once: History) -> None:
    _, second, third = made_once.releases
    found = cells_of(made_once.settings, second, third)
    assert found.keys() == made_once.ledgers[2].keys()
    for key, row in made_once.ledgers[2].items():
        assert {name: found[key][name] for name in ("old", "new", "reason", "caused_by", "key")} == {
            name: row[name] for name in ("old", "new", "reason", "caused_by", "key")
        }
    assert {row["changed_in"] for row in found.values()} == {third}


def test_diff_over_three_gives_each_cell_its_last_reason(made_once: History) -> None:
    settings, (first, second, third) = made_once.settings, made_once.releases
    found = cells_of(settings, first[:5], "latest")
    assert found.keys() == made_once.ledgers[1].keys() | made_once.ledgers[2].keys()
    index = found["mart_region_score", "64.71", THIRD, "index"]
    assert (index["old"], index["new"], *cause(index)) == ("40", "48", "correction", made_once.corrected)
    rank = found["mart_region_score", "64.72", THIRD, "rank_national"]
    assert (*cause(rank), rank["changed_in"]) == ("late_data", made_once.late, second)
    average = found["mart_national_score", None, THIRD, "index"]
    assert (*cause(average), average["changed_in"]) == ("correction", made_once.corrected, third)
    back = cells_of(settings, third, first)
    assert {(row["new"], row["old"]) for row in back.values()} == {
        (row["old"], row["new"]) for row in found.values()
    }


def test_diff_can_be_asked_of_one_table_region_and_period(made_once: History) -> None:
    first, _, third = made_once.releases
    asked = ["--table", "mart_region_score", "--region", "Kota Balikpapan", "--period", THIRD]
    found = cells_of(made_once.settings, first, third, *asked)
    assert {key[:3] for key in found} == {("mart_region_score", "64.71", THIRD)}
    code, printed = spm_diff(made_once.settings, "previous", "latest")
    assert code == 0
    assert "correction" in printed
    assert "band_name" not in printed  # of the scores, what a person looks at first


def test_diff_names_what_it_does_not_know(history: History) -> None:
    code, printed = spm_diff(history.settings, "r0009", "latest")
    assert (code, history.releases[0] in printed) == (2, True)
    assert spm_diff(history.settings, "r000", "latest")[0] == 2
    assert spm_diff(history.settings, "previous", "latest", "--table", "dim_band")[0] == 2
    code, printed = spm_diff(history.settings, without_table(history, "mart_stage"), "latest")
    assert (code, "mart_stage: " in printed) == (0, True)


def test_the_cells_of_a_table_fit_on_a_terminal_of_80_letters_with_its_key_as_columns(
    made_once: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal.out, "_width", 80)
    code, printed = spm_diff(made_once.settings, "previous", "latest", "--table", "fct_indicator")
    lines = [line.rstrip() for line in printed.splitlines()]
    assert code == 0
    assert "fct_indicator component=recipients period=2024-Q3 region_code=64.71" in lines
    cells = [line.split() for line in lines if line.startswith(" K-")]
    assert cells[0] == ["K-KES-01", "percent", "50", "60", "correction", made_once.corrected]
    assert len(cells) == 50
    assert all(len(line) <= 80 for line in lines[lines.index("") :])
