"""A line of the log of a run shows no secret and no control character, whoever wrote it, and stops no run."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import progress
from pipelines.build import ledger
from pipelines.build.ledger import RunEntry
from pipelines.build.record import RunRecord
from pipelines.build.run_log import log_of, open_log
from pipelines.messages import catalogue
from pipelines.registry.told import told, without_secrets
from pipelines.settings import Settings, secret

PASSWORD = "s3n/di r@hasia"
AS_WRITTEN = "s3n%2Fdi%20r%40hasia"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "runs").mkdir()
    return Settings(tmp_path, environment="staging")


@pytest.fixture
def entry() -> RunEntry:
    return RunEntry("0123456789", "schedule", "spm", 1, ["2024-Q4"], datetime(2025, 1, 1, tzinfo=UTC))


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> str:
    text = f"postgresql://muat:{AS_WRITTEN}@db.example.go.id/spm"
    monkeypatch.setenv("UJI_DB", text)
    monkeypatch.setenv("UJI_TOKEN", "tok-91ab")
    assert (secret("UJI_DB"), secret("UJI_TOKEN")) == (text, "tok-91ab")
    return text


def lines(settings: Settings, entry: RunEntry) -> list[dict[str, str]]:
    text = log_of(settings, entry).read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.attack("output")
@pytest.mark.parametrize(
    "said",
    [
        "cannot connect to postgresql://muat:s3n%2Fdi%20r%40hasia@db.example.go.id/spm",
        "password authentication failed with s3n/di r@hasia",
        "tok-91ab is not valid",
        "GET https://x.go.id/api?page=2&api_key=kunci-lain&n=1",
        "Authorization: Bearer kunci-lain",
        "ftp://dinas:kunci-lain@files.go.id/x",
        "sslpassword=kunci-lain host=db",
    ],
)
def test_a_secret_is_not_in_a_line(settings: Settings, entry: RunEntry, address: str, said: str) -> None:
    with open_log(settings, entry) as log:
        log.event(logging.ERROR, said, "sources__inbox")
        logging.getLogger("psycopg").error("%s", said)
    for line in lines(settings, entry):
        assert "***" in line["message"]
        for hidden in (PASSWORD, AS_WRITTEN, "tok-91ab", "kunci-lain"):
            assert hidden not in json.dumps(line)
    assert "n=1" in told("GET https://x.go.id/api?page=2&api_key=kunci-lain&n=1")


def test_what_is_no_secret_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    # other tests of this process read secrets that are plain words
    monkeypatch.setattr("pipelines.registry.told.secrets_read", frozenset)
    said = "2024-Q4: 492 dokumen, token tidak diisi; https://spm.example.go.id/a; laporan@dinas.go.id"
    assert without_secrets(said) == said
    examples = [text for one in catalogue().values() for text in one]
    assert [text for text in examples if without_secrets(text) != text] == []
    # whom to ask is said on a terminal, and not kept
    assert told(said) == said.replace("laporan@dinas.go.id", "[surel]")


@pytest.mark.attack("output")
def test_a_name_with_line_ends_and_escapes_is_one_line_without_them(
    settings: Settings, entry: RunEntry
) -> None:
    forged = 'a.xlsx\n{"time": "x", "message": "all is well"}\x1b[2J\u202e\udc80\u2028'
    with open_log(settings, entry) as log:
        log.event(logging.WARNING, forged, None)
    (line,) = lines(settings, entry)
    assert line["message"].isprintable()
    assert (line["level"], line["environment"]) == ("warning", "staging")
    raw = log_of(settings, entry).read_bytes()
    assert raw.count(b"\n") == 1
    assert b"\x1b" not in raw


def test_work_that_speaks_and_libraries_that_warn_are_in_the_log_of_their_step(
    settings: Settings, entry: RunEntry
) -> None:
    with open_log(settings, entry) as log:
        log.event(logging.INFO, "begins", "registry")
        progress.step("membaca dokumen")
        logging.getLogger("httpx").warning("slow")
        logging.getLogger("httpx").info("nothing that anybody asked for")
        logging.getLogger("dagster.daemon").error("told by its event")
        log.leaves()
        progress.step("between")
    progress.step("after")
    logging.getLogger("httpx").warning("after")
    found = [(line["stage"], line["message"]) for line in lines(settings, entry)]
    assert found == [
        ("registry", "begins"),
        ("registry", "membaca dokumen"),
        ("registry", "slow"),
        (None, "between"),
    ]


def test_a_log_that_cannot_be_written_stops_no_run(tmp_path: Path, entry: RunEntry) -> None:
    gone = Settings(tmp_path / "none")
    with open_log(gone, entry) as log:
        log.event(logging.INFO, "begins", None)
        progress.step("goes on")
    (tmp_path / "runs").mkdir()
    full = Settings(tmp_path)
    log_of(full, entry).symlink_to("/dev/full")
    with open_log(full, entry) as log:
        log.event(logging.INFO, "begins", None)
        progress.step("goes on")


def test_a_log_is_forgotten_with_its_run(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for run_id in ("a" * 36, "b" * 36):
        entry = ledger.begin(settings, run_id, "UI", 1, ["2024-Q4"], None)
        with open_log(settings, entry) as log:
            log.event(logging.INFO, "begins", None)
        ledger.end(settings, entry, RunRecord(), [], None)
    first = sorted((tmp_path / "runs").iterdir())[:2]
    assert sorted(ledger.ended_before(settings, datetime.now(UTC) + timedelta(days=1))) == first
