"""What was received and not read is named to whoever runs: in the outcome, on the terminal, by exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.settings import Settings
from pipelines.warehouse.unread import held_back
from tests.integration.home import document, judged_gate, put, settings_of

pytestmark = pytest.mark.open_gate

HEADER = "record,region,period,service,component,target,realised\n"
NO_PERIOD = HEADER + "achievement,64.71,besok,K-PEND-01,recipients,100,90\n"
NO_COLUMNS = "apa,ini\n1,2\n"
NO_REGION = HEADER + "achievement,99.99,2024-Q4,K-PEND-01,recipients,100,90\n"
NO_ROW = HEADER


def _row(region: str = "64.71", period: str = "2024-Q4") -> dict[str, str]:
    return {
        "record": "achievement",
        "region": region,
        "period": period,
        "service": "K-PEND-01",
        "component": "recipients",
        "target": "100",
        "realised": "90",
    }


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    found = settings_of(tmp_path)
    assert found.now is not None
    monkeypatch.setenv("SPM_NOW", found.now.isoformat())
    return found


def _inbox(settings: Settings, name: str) -> Path:
    return settings.home.parent / "inbox" / name


def _spm(settings: Settings, *arguments: str, sources: bool = True) -> Any:
    options = ["--sources", str(settings.sources_file)] if sources else []
    done = CliRunner().invoke(app, [*arguments, *options, "--home", str(settings.home)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def test_a_run_of_nothing_but_refused_documents_names_each_with_its_reason(settings: Settings) -> None:
    for name, text in {"a": NO_COLUMNS, "b": NO_PERIOD, "c": NO_ROW, "d": ""}.items():
        put(_inbox(settings, f"{name}.csv"), text.encode())
    for again in ([], ["--plan"]):
        done = _spm(settings, "run", "2024-Q4", *again)
        assert done.exit_code == 1
        for said in (
            "a.csv L1: DOC-002 ",
            "b.csv L2: PER-001 ",
            "besok",
            "c.csv L1: DOC-005 ",
            "d.csv L1: DOC-005 ",
        ):
            assert said in done.output
    commands = (
        ["run", "2024-Q4", "--as-of", "2025-02-01"],
        ["run", "2024-Q4", "--method", "permendagri-59-2021"],
        ["work", "2024-Q4"],
        ["rules", "simulate", "VAL-001", "2024-Q4"],
    )
    for command in commands:
        done = _spm(settings, *command, sources=False)
        assert done.exit_code == 1
        assert "b.csv L2: PER-001 " in done.output


def test_a_run_all_of_whose_rows_are_held_back_says_why(settings: Settings) -> None:
    put(_inbox(settings, "a.csv"), NO_REGION.encode())
    with judged_gate("mart_region_score"):
        done = _spm(settings, "run", "2024-Q4", "--json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["held_back"]
    assert (found["document"], found["place"], found["rule_id"]) == ("a.csv", "L2", "REG-001")
    assert "99.99" in found["sentence"]


def test_a_range_tells_a_refused_period_from_one_that_nothing_came_for(settings: Settings) -> None:
    put(_inbox(settings, "good.csv"), document([_row()]))
    put(_inbox(settings, "form_2024-Q2.csv"), NO_COLUMNS.encode())
    put(_inbox(settings, "unknown.csv"), NO_REGION.replace("2024-Q4", "2024-Q3").encode())
    with judged_gate("mart_region_score"):
        done = _spm(settings, "run", "2024-Q1..2024-Q4", "--json")
    outcome = json.loads(done.stdout)
    assert (outcome["published"], outcome["skipped"], outcome["refused"]) == (
        ["2024-Q4"],
        ["2024-Q1"],
        ["2024-Q2"],
    )
    assert list(outcome["closed"]) == ["2024-Q3"]
    # that of the closed period, too, though it is in no build that was published
    named = {(found["document"], found["rule_id"]) for found in outcome["held_back"]}
    assert named == {("form_2024-Q2.csv", "DOC-002"), ("unknown.csv", "REG-001")}


def test_a_refused_period_of_a_range_is_no_success(settings: Settings) -> None:
    put(_inbox(settings, "good.csv"), document([_row()]))
    put(_inbox(settings, "form_2024-Q3.csv"), NO_COLUMNS.encode())
    done = _spm(settings, "run", "2024-Q2..2024-Q4")
    assert done.exit_code == 1
    assert "2024-Q3: semua yang diterima ditahan" in done.output
    assert "2024-Q3: dilewati" not in done.output
    simulated = _spm(settings, "rules", "simulate", "VAL-001", "2024-Q2..2024-Q4", "--json", sources=False)
    found = json.loads(simulated.stdout)
    assert (found["skipped"], found["refused"]) == (["2024-Q2"], ["2024-Q3"])


def test_nothing_for_the_period_names_the_periods_that_came(settings: Settings) -> None:
    assert _spm(settings, "run", "2024-Q4").exit_code == 4
    put(_inbox(settings, "a.csv"), document([_row(period="2024-Q3")]))
    done = _spm(settings, "run", "2024-Q4")
    assert done.exit_code == 4
    assert "there is: 2024-Q3" in done.output


def test_what_a_published_run_did_not_use_is_named(settings: Settings) -> None:
    put(_inbox(settings, "good.csv"), document([_row(), _row(period="2024-Q3")]))
    put(_inbox(settings, "refused.csv"), NO_COLUMNS.encode())
    put(_inbox(settings, "refused_2023-Q1.csv"), (NO_COLUMNS + "3,4\n").encode())
    put(_inbox(settings, "undated.csv"), NO_PERIOD.encode())
    put(_inbox(settings, "unknown.csv"), NO_REGION.encode())
    assert settings.sources_file is not None
    with settings.sources_file.open("a") as file:
        file.write("- {name: kosong, kind: csv, path: 'lain/*.csv'}\n")
        file.write("- {name: selesai, kind: csv, path: 'lain/*.csv', periods: 2020-Q1..2020-Q4}\n")
    done = _spm(settings, "run", "2024-Q4", "--json")
    assert done.exit_code == 0, done.output
    outcome = json.loads(done.stdout)
    assert outcome["published"] == ["2024-Q4"]
    assert outcome["silent"] == {"kosong": ["2024-Q4"]}
    assert outcome["unasked"] == {
        "2023-Q1": {"documents": 1, "rows": 0},
        "2024-Q3": {"documents": 1, "rows": 1},
    }
    named = {(found["document"], found["rule_id"], found["rows"]) for found in outcome["held_back"]}
    assert named == {
        ("refused.csv", "DOC-002", 0),
        ("undated.csv", "PER-001", 1),
        ("unknown.csv", "REG-001", 1),
    }

    again = _spm(settings, "run", "2024-Q4")
    said = " ".join(again.output.split())
    assert "kosong: tidak memberi satu baris pun untuk 2024-Q4" in said
    assert "2024-Q3: diterima tetapi tidak diminta (1 dokumen, 1 baris): spm run 2024-Q3" in said
    assert "refused.csv L1: DOC-002 " in said

    both = _spm(settings, "run", "2024-Q3..2024-Q4", "--json")
    assert set(json.loads(both.stdout)["unasked"]) == {"2023-Q1"}


def test_personal_data_in_what_is_named_is_masked(settings: Settings) -> None:
    put(_inbox(settings, "a.csv"), (HEADER + "x,y,6471010101800001,z,,,\n").encode())
    done = _spm(settings, "run", "2024-Q4")
    assert "6471010101800001" not in done.output
    assert held_back(settings.landing, ["2024-Q4"])


@pytest.mark.parametrize(
    ("files", "rules", "feedback"),
    [
        (["empty.csv"], {"DOC-005"}, []),
        (
            ["empty.csv", "undated.csv", "web.xlsx"],
            {"DOC-005", "DOC-010", "PER-001"},
            ["--feedback", "balasan.xlsx"],
        ),
        (["good.csv", "web.xlsx"], {"DOC-010"}, []),
    ],
)
def test_check_finds_what_is_wrong_though_no_period_can_be_read(
    files: list[str], rules: set[str], feedback: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = {"empty.csv": NO_ROW, "undated.csv": NO_PERIOD, "web.xlsx": "<html><body>Masuk</body></html>"}
    for name, text in texts.items():
        put(tmp_path / name, text.encode())
    put(tmp_path / "good.csv", document([_row()]))
    done = CliRunner().invoke(app, ["check", *files, *feedback, "--json"])
    assert done.exit_code == 1, done.output
    findings = json.loads(done.stdout)
    assert {found["rule_id"] for found in findings if found["severity"] == "fatal"} == rules
    assert (tmp_path / "balasan.xlsx").exists() is bool(feedback)


def test_a_region_is_told_of_what_was_refused_and_of_what_waits(settings: Settings) -> None:
    put(_inbox(settings, "good.csv"), document([_row("64.72")]))
    assert _spm(settings, "run", "2024-Q4").exit_code == 0
    refused = (
        HEADER.replace(",target", ",sasaran")
        + "achievement,Kota Balikpapan,2024-Q4,K-PEND-01,recipients,1,1\n"
    )
    put(_inbox(settings, "nama.csv"), refused.encode())
    put(_inbox(settings, "lain.csv"), document([_row("64.74", "2024-Q3")]))
    extra = HEADER.strip() + ",catatn,petugas\nachievement,64.72,2024-Q4,K-PEND-01,recipients,100,91,x,Ani\n"
    put(_inbox(settings, "lagi.csv"), extra.encode())
    done = _spm(settings, "run", "2024-Q4", "--json")
    # the ledger knows why the documents of both regions are counted otherwise
    assert done.exit_code == 0, done.output
    outcome = json.loads(done.stdout)
    named = {part["name"] for part in outcome["unread"]}
    assert named == {"catatn (note?)", "petugas"}

    assert _spm(settings, "report", "--no-site", sources=False).exit_code == 0
    folder = settings.home / "reports" / outcome["release_id"] / "feedback" / "2024-Q4"
    said = {path.stem: _texts(path) for path in folder.iterdir()}
    assert set(said) == {"64.71", "64.72", "64.74"}
    assert (
        "Ditolak. Kolom wajib tidak ada pada baris judul (L1): target; tidak dikenal / unknown: sasaran"
        in (said["64.71"])
    )
    assert "catatn (note?)" in said["64.72"]
    assert "petugas" not in said["64.72"]
    assert "Diterima untuk 2024-Q3; triwulan itu belum terbit" in said["64.74"]
    assert _spm(settings, "rebuild", "latest", sources=False).exit_code == 0


def _texts(path: Path) -> str:
    page = load_workbook(path)["Ringkasan"]
    return "\n".join(
        str(cell) for row in page.iter_rows(values_only=True) for cell in row if cell is not None
    )
