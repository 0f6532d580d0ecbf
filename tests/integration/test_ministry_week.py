"""A week of a ministry: a source dies, a gate closes, a disk fills, a release waits, a rollback, stops.

Every command is a process of its own. Each state reaches mail server and webhook once as it begins and once
as it ends; at the end the figures are those of a home in which nothing of it happened.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.publish.releases import Releases
from pipelines.registry.periods import Period
from pipelines.registry.rosters import expected_reporters
from pipelines.settings import Settings
from tests.integration.alert_servers import HOST, Hook, Mailbox, free_port, http_server, smtp_server
from tests.integration.home import document, put

THIRD, FOURTH = "2024-Q3", "2024-Q4"
MONDAY = datetime(2025, 2, 3, 1, tzinfo=UTC)
REGIONS = [region.region_code for region in expected_reporters(Period.parse(FOURTH))][:120]
OF_THE_DATABASE = "64.71"
LARGEST_FILE = 4096
"""Blocks of 1024 bytes: less than a work file takes."""
SOURCES = """sources:
- {name: berkas, kind: csv, path: 'inbox/**/*.csv', receipt_time: store}
- name: dinas
  kind: sql
  url_env: DINAS
  key: id
  query: select id, region, period, service, component, target, realised, 'achievement' as record
    from capaian where period = :period
"""
SPM = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]


@dataclass(slots=True)
class Ministry:
    """A home, who is told, and the clock."""

    folder: Path
    environment: Mapping[str, str]
    mailbox: Mailbox
    hook: Hook
    now: datetime = MONDAY

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def send(self, name: str, indexes: Mapping[str, int], period: str) -> None:
        """A document of published indexes arrives; one of the same name takes the place of the last."""
        rows = [
            {"record": "published_index", "region": region, "period": period, "realised": str(index)}
            for region, index in indexes.items()
        ]
        put(self.folder / "inbox" / f"{name}.csv", document(rows), self.now)

    def command(self, *arguments: str) -> list[str]:
        return [*SPM, *arguments, "--home", str(self.home)]

    def surroundings(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "SPM_NOW": self.now.isoformat()}

    def spm(self, *arguments: str, code: int = 0, blocks: int | None = None) -> str:
        """Run a command, an hour later than the one before; its standard output."""
        self.now += timedelta(hours=1)
        words = self.command(*arguments)
        if blocks is not None:
            words = ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "bash", *words]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=self.surroundings())
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, code: int = 0, **options: Any) -> str:
        return self.spm("run", f"{THIRD}..{FOURTH}", code=code, **options)

    def stopped(self, number: signal.Signals) -> int:
        """Start a run and send it a signal while it builds; its exit code."""
        self.now += timedelta(hours=1)
        words = self.command("run", f"{THIRD}..{FOURTH}", "--all")
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.surroundings()
        ) as process:
            work = self.home / "work"
            before = {*work.iterdir()} if work.exists() else set()
            while not (work.exists() and {path for path in work.iterdir() if path.is_dir()} - before):
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.05)
            time.sleep(1)
            process.send_signal(number)
            process.communicate()
            return process.returncode

    def told(self) -> list[str]:
        """The states that the webhook was told of, in English, in their order."""
        return [title.rpartition(" / ")[2] for title in self.hook.titles]

    def states(self) -> tuple[Counter[str], Counter[str]]:
        """Of the messages to the webhook: what began and what ended, how often each."""
        began, ended = Counter[str](), Counter[str]()
        for said in self.told():
            what = said.rpartition("it ended: ")
            (ended if what[1] else began)[what[2] if what[1] else said.partition(": ")[2]] += 1
        return began, ended


def indexes(shift: int) -> dict[str, int]:
    """An index for each of the regions, around 60, more or less."""
    return {region: 60 + number % 20 + shift for number, region in enumerate(REGIONS)}


def fill(database: Path, realised: int) -> None:
    """What the ministry's database holds: one service of one region, in both quarters."""
    with sqlite3.connect(database) as connection:
        connection.execute("drop table if exists capaian")
        connection.execute(
            "create table capaian (id integer, region, period, service, component, target, realised)"
        )
        for number, period in enumerate((THIRD, FOURTH)):
            row = (number, OF_THE_DATABASE, period, "K-PEND-01", "recipients", "100", str(realised))
            connection.execute("insert into capaian values (?, ?, ?, ?, ?, ?, ?)", row)


@pytest.fixture
def ministry(tmp_path: Path) -> Iterator[Ministry]:
    port, mailbox = free_port(), Mailbox()
    (tmp_path / "sources.yaml").write_text(SOURCES)
    with http_server(Hook()) as hook, smtp_server(port, mailbox):
        alerts = tmp_path / "alerts.yaml"
        alerts.write_text(
            "channels:\n- {name: operator, url_env: TO_MAIL, to: [operator@dinas.go.id]}\n"
            "- {name: hook, url_env: TO_HOOK}\n"
        )
        environment = {
            "SPM_SOURCES": str(tmp_path / "sources.yaml"),
            "SPM_ALERTS": str(alerts),
            "SPM_ONE_ACCOUNT_APPROVES": "yes",
            "DINAS": f"sqlite:///{tmp_path / 'dinas.sqlite'}",
            "TO_MAIL": f"mailto://{HOST}:{port}?from=spm@dinas.go.id",
            "TO_HOOK": f"json://{HOST}:{hook.port}/",
        }
        yield Ministry(tmp_path, environment, mailbox, hook)


def figures(home: Path) -> dict[str, str]:
    """The hash of each table of facts and scores of the current release."""
    manifest = Releases(Settings(home).published).current()
    assert manifest is not None
    tables = ("fct_indicator", "fct_published_index", "mart_region_score", "mart_national_score")
    return {name: manifest.files()[f"{name}.parquet"] for name in tables}


def a_source_dies(ministry: Ministry) -> None:
    """The ministry's database is gone for two runs."""
    database = ministry.folder / "dinas.sqlite"
    database.rename(database.with_suffix(".away"))
    ministry.send("kemudian-q4", {"64.72": 70}, FOURTH)
    for _ in range(2):
        ministry.run(code=3)
    database.with_suffix(".away").rename(database)
    fill(database, 81)
    ministry.run()


def a_gate_closes(ministry: Ministry) -> None:
    """Indexes fall by far, and are corrected."""
    ministry.send("indeks-q4", indexes(-30), FOURTH)
    ministry.run(code=1)
    ministry.spm("report", "--period", FOURTH, "--no-site")
    ministry.send("indeks-q4", indexes(5), FOURTH)
    ministry.run()


def a_disk_fills(ministry: Ministry) -> None:
    """A run at night finds the disk full; that of the morning does not."""
    ministry.send("terlambat-q4", {"64.74": 66}, FOURTH)
    ministry.run(code=3, blocks=LARGEST_FILE)
    ministry.run()


def a_release_waits(ministry: Ministry) -> None:
    """A correction moves the national index: two persons decide."""
    ministry.send("indeks-q4", indexes(9), FOURTH)
    ministry.run(code=5)
    approve(ministry)
    ministry.run()


def a_rollback_holds(ministry: Ministry) -> None:
    """Back to the release before, until it is cleared up."""
    ministry.spm("rollback", "previous", "--name", "Siti Aminah", "--reason", "diperiksa lagi")
    ministry.run(code=6)
    ministry.spm("release", "unpin")
    ministry.run()


def the_machine_stops(ministry: Ministry) -> None:
    """Politely and not."""
    assert ministry.stopped(signal.SIGTERM) == 143
    assert ministry.stopped(signal.SIGKILL) == -signal.SIGKILL
    # as the timer of deploy/ does; a run that comes before it ends the state before anybody was told
    ministry.spm("alert")
    ministry.run()


def approve(ministry: Ministry) -> None:
    (waiting,) = [path.name for path in Settings(ministry.home).approvals.iterdir() if path.is_dir()]
    for name in ("Siti Aminah", "Budi Hartono"):
        ministry.spm("approve", waiting[:12], "--name", name, "--reason", "sudah diperiksa")


@pytest.mark.slow
def test_after_a_week_every_figure_is_right_and_everybody_was_told_once(ministry: Ministry) -> None:
    fill(ministry.folder / "dinas.sqlite", 80)
    ministry.send("indeks-q3", indexes(0), THIRD)
    ministry.send("indeks-q4", indexes(5), FOURTH)
    ministry.run()
    assert ministry.told() == []
    for trouble in (
        a_source_dies,
        a_gate_closes,
        a_disk_fills,
        a_release_waits,
        a_rollback_holds,
        the_machine_stops,
    ):
        trouble(ministry)
        assert json.loads(ministry.spm("status", "--json"))["problems"] == [], trouble
    ministry.spm("backup", str(ministry.folder / "copy"))
    ministry.spm("upgrade", "--check")
    ministry.spm("prune", "--keep", "2")
    ministry.spm("verify")

    began, ended = ministry.states()
    assert began == ended
    assert began == {
        "a source is incomplete": 1,
        "the quality gate is closed": 1,
        "a run failed": 2,
        "waits for approval": 1,
    }
    assert ministry.mailbox.subjects == ministry.hook.titles

    # the same documents in a home in which nothing happened
    calm = ministry.folder / "calm"
    shutil.copytree(ministry.folder / "inbox", calm / "inbox")
    shutil.copy(ministry.folder / "sources.yaml", calm)
    quiet = replace(
        ministry, folder=calm, environment={**ministry.environment, "SPM_SOURCES": str(calm / "sources.yaml")}
    )
    quiet.run()
    assert figures(ministry.home) == figures(quiet.home)
