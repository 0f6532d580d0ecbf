"""Who may report for whom: what sources and folders are bound to, in every way in, and what gets around it.

What is refused is told once, and the region's own report stands.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.landing.raw_store import RawStore
from pipelines.registry.periods import Period
from pipelines.registry.regions import state_on
from pipelines.reports.feedback.workbooks import write_feedback
from pipelines.settings import Settings
from pipelines.sources.config import SourcesError, load_sources
from tests.integration.home import (
    NOW,
    build_periods,
    document,
    publish_periods,
    published,
    put,
    query,
    restated,
    take_in,
)
from tests.rules.documents import form

pytestmark = pytest.mark.attack("senders")

PERIOD = "2024-Q4"
MODELS = ["mart_document", "mart_finding", "mart_quarantine", "mart_compliance", "fct_indicator"]
FOLDERS = "path: inbox/*/*.csv, regions: from folder"
JANUARY = datetime(2025, 1, 10, 3, tzinfo=UTC)


def report(region: str, realised: int, **said: str) -> dict[str, str]:
    """One row for a region; a province is written by its two digits."""
    tier = "P" if len(region.strip()) == 2 else "K"
    row = {"record": "achievement", "region": region, "period": PERIOD, "service": f"{tier}-KES-01"}
    return row | {"component": "recipients", "target": "1000", "realised": str(realised)} | said


def settings_of(folder: Path, *sources: str) -> Settings:
    """A home with these sources; their files count by the times that they have."""
    entries = "".join(f"- {{receipt_time: store, {source}}}\n" for source in sources)
    (folder / "sources.yaml").write_text(f"sources:\n{entries}", encoding="utf-8")
    return Settings(folder / "home", folder / "sources.yaml", threads=1, workers=1, now=NOW)


def later(settings: Settings, hours: int) -> Settings:
    return replace(settings, now=NOW + timedelta(hours=hours))


def counted(work_file: Path, region: str = "64.71") -> int | None:
    """What counts of a region."""
    found = query(
        "select realised from marts.fct_indicator where region_code = $region and realised is not null",
        work_file,
        region=region,
    )
    return int(found[0]["realised"]) if found else None


def refused(work_file: Path) -> dict[str, str]:
    """What was refused of each document, by its name, with the place that the finding names."""
    rows = query(
        "select documents.name, string_agg(findings.value, ' | ' order by findings.region_code) as value"
        " from marts.mart_finding as findings"
        " inner join staging.stg_landing__documents as documents"
        " on left(findings.submission_id, 12) = documents.document_id"
        " where findings.rule_id = 'WHO-001' group by documents.name",
        work_file,
    )
    return {row["name"]: row["value"] for row in rows}


# folders beside that of Balikpapan, and whether what lies in them may be its report
FOLDER_NAMES = {
    "64.71": True,
    "64.71 Kota Balikpapan": True,
    "64.71_KOTA_BALIKPAPAN": True,
    "64.71-balikpapan": True,
    "64.08": False,
    "64": False,
    "64.7": False,
    "64.7l": False,
    "6471": False,
    "64,71": False,
    "64.71 ": False,
    " 64.71": False,
    "64. 71": False,
    "64.71.": False,
    "64.71-2": False,
    "64.710": False,
    "\uff16\uff14.\uff17\uff11": False,
    "64\u066b71": False,
    "64.71\u200b": False,
    "64.71\u00a0Kota Balikpapan": False,
    "64.71\n": False,
    "64.71 Kota Samarinda": False,
    "64.71 Kota Balikp\u0430pan": False,
    "64.08 Kota Balikpapan": False,
    "Kota Balikpapan": False,
    "kota_balikpapan": False,
    "64.71..": False,
    "64.08..64.71": False,
    "%36%34.71": False,
    "2024-Q4": False,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each folder tries to report for Balikpapan, whose own report came before them all."""
    folder = tmp_path_factory.mktemp("folders")
    settings = settings_of(folder, f"name: inbox, kind: csv, {FOLDERS}")
    put(folder / "inbox" / "64.71" / "own.csv", document([report("64.71", 900)]), JANUARY)
    for number, name in enumerate(FOLDER_NAMES):
        # in a folder below, which names another region or none
        below = "64.71" if number % 2 else "x"
        inner = folder / "inbox" / name
        row = report("64.71", 100 + number, note=f"dari {number}")
        put(inner / f"{number}.csv", document([row]), JANUARY + timedelta(minutes=number))
        # deeper than the path of the source says: not looked at
        put(inner / below / "deep.csv", document([report("64.71", 1)]), JANUARY)
    others = {
        "of a regency": ("64.08", "64.08"),
        "of a province": ("64", "64"),
        "old code": ("64.04", "65.01"),
    }
    for name, (sender, region) in others.items():
        put(folder / "inbox" / sender / f"{name}.csv", document([report(region, 500)]), JANUARY)
    take_in(settings, [PERIOD])
    return build_periods(settings, [PERIOD], models=MODELS)


@pytest.mark.parametrize("name", FOLDER_NAMES)
def test_a_folder_is_that_of_a_region_by_its_code_alone(name: str, folders: Path) -> None:
    number = list(FOLDER_NAMES).index(name)
    (row,) = query(
        "select rows_accepted + rows_superseded as used, rows_quarantined from marts.mart_document"
        f" where name = '{number}.csv'",
        folders,
    )
    assert (row["used"], row["rows_quarantined"]) == ((1, 0) if FOLDER_NAMES[name] else (0, 1))
    assert (f"{number}.csv" in refused(folders)) is not FOLDER_NAMES[name]


def test_the_regions_own_report_stands_and_its_documents_are_its_own(folders: Path) -> None:
    last = max(number for number, may in enumerate(FOLDER_NAMES.values()) if may)
    assert counted(folders) == 100 + last
    assert (counted(folders, "64.08"), counted(folders, "64")) == (500, 500)
    # the folder of the code that Bulungan had before 2012
    assert counted(folders, "65.01") == 500
    (row,) = query(
        "select documents_accepted, documents_rejected from marts.mart_compliance"
        " where region_code = '64.71'",
        folders,
    )
    assert row == {"documents_accepted": sum(FOLDER_NAMES.values()) + 1, "documents_rejected": 0}


def test_the_finding_names_who_sent_it_for_whom_and_what_is_allowed(folders: Path) -> None:
    numbers = {name: f"{number}.csv" for number, name in enumerate(FOLDER_NAMES)}
    found = refused(folders)
    assert found[numbers["64.08"]] == (
        "64.71 Kota Balikpapan (sumber / source inbox/64.08; boleh / allowed 64.08)"
    )
    assert found[numbers["6471"]] == (
        "64.71 Kota Balikpapan (sumber / source inbox/6471; boleh / allowed -: nama folder bukan kode daerah"
        " / the folder is not called by a code)"
    )
    (row,) = query(
        "select message_id, message_en from marts.mart_finding"
        f" where rule_id = 'WHO-001' and value = '{found[numbers['64.08']]}'",
        folders,
    )
    assert row["message_id"].startswith(
        "Dokumen ini melaporkan daerah yang tidak boleh dilaporkan pengirimnya"
    )
    assert found[numbers["64.08"]] in row["message_en"]


def rows_of(way: str, folder: Path, regions: str, rows: list[dict[str, str]]) -> str:
    """A source of a kind that is bound to ``regions`` and holds ``rows``; its entry in the sources file."""
    entry = f"name: {way}, regions: {regions}"
    if way == "csv":
        put(folder / "rows.csv", document(rows), JANUARY)
        return f"{entry}, kind: csv, path: rows.csv"
    if way == "layout":
        lines = "".join(f"{row['region']};{row['target']};{row['realised']}\n" for row in rows)
        put(folder / "table.csv", f"Kode;Sasaran;Capaian\n{lines}".encode(), JANUARY)
        constants = f"{{record: achievement, period: {PERIOD}, service: K-KES-01, component: recipients}}"
        columns = "{Kode: region, Sasaran: target, Capaian: realised}"
        return f"{entry}, kind: csv, path: table.csv, columns: {columns}, layout: {{constants: {constants}}}"
    assert way == "sql"
    with sqlite3.connect(folder / "rows.db") as connection:
        connection.execute(f"create table laporan (id, {', '.join(rows[0])})")
        marks = ", ".join("?" * (len(rows[0]) + 1))
        numbered = [(number, *row.values()) for number, row in enumerate(rows, start=1)]
        connection.executemany(f"insert into laporan values ({marks})", numbered)
    return f"{entry}, kind: sql, url: 'sqlite:///rows.db', query: select * from laporan, key: id"


@contextmanager
def api_of(rows: list[dict[str, str]]) -> Iterator[str]:
    """A server on this machine that answers with ``rows``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"data": [{"id": n, **row} for n, row in enumerate(rows, start=1)]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """No lines between the tests' own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/capaian"
        server.shutdown()


def test_in_every_kind_of_source_the_other_rows_go_on(tmp_path: Path) -> None:
    rows = [report("64.71", 700), report("65.71", 700), report("64.04", 700)]
    ways = {"csv": "64.*", "layout": "[64.71, '64.0?']", "sql": "['64.71']"}
    for way in ways:
        (tmp_path / way).mkdir()
    entries: list[str] = []
    for way, regions in ways.items():
        # other bytes in each
        own = [row | {"target": str(1000 + len(entries))} for row in rows]
        entries.append(rows_of(way, tmp_path, regions, own))
    region = state_on("64.08", Period.parse(PERIOD).ends_on)
    assert region is not None
    put(tmp_path / "form.xlsx", form(region, PERIOD), JANUARY)
    entries.append("name: workbook, kind: workbook, path: form.xlsx, regions: 31")
    with api_of([row | {"target": "1009"} for row in rows]) as address:
        entries.append(f"name: rest, kind: rest, url: '{address}', records: data, key: id, regions: 64.*")
        settings = settings_of(tmp_path, *entries)
        take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    found = query(
        "select source, region_code, sum(rows_quarantined) = sum(rows_received) as refused"
        " from marts.mart_document group by all order by all",
        work_file,
    )
    told = {(row["source"], row["region_code"]): row["refused"] for row in found}
    assert told == {
        **{(way, "64.71"): False for way in ("csv", "layout", "sql", "rest")},
        **{(way, "65.71"): True for way in ("csv", "layout", "sql", "rest")},
        # Bulungan by the code that it had in Kalimantan Timur is Bulungan in Kalimantan Utara
        **{(way, "65.01"): True for way in ("csv", "layout", "sql", "rest")},
        ("workbook", "64.08"): True,
    }
    assert counted(work_file) == 700
    assert counted(work_file, "65.71") is counted(work_file, "64.08") is None


def test_codes_of_bps_are_bound_by_what_they_mean(tmp_path: Path) -> None:
    # 1103 is Aceh Selatan (11.01) at BPS, and Aceh Timur (11.03) at Kemendagri
    put(tmp_path / "bps.csv", document([report("1103", 300), report("1105", 300)]), JANUARY)
    entry = "name: bps, kind: csv, path: bps.csv, region_codes: bps, regions: '11.03'"
    settings = settings_of(tmp_path, entry)
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert (counted(work_file, "11.01"), counted(work_file, "11.03")) == (None, 300)


def test_a_province_reports_for_its_regencies_where_it_is_told_to(tmp_path: Path) -> None:
    rows = [report("64", 400), report("64.71", 400)]
    put(tmp_path / "alone.csv", document(rows), JANUARY)
    put(tmp_path / "all.csv", document([row | {"realised": "300"} for row in rows]), JANUARY - timedelta(1))
    settings = settings_of(
        tmp_path,
        "name: alone, kind: csv, path: alone.csv, regions: '64'",
        "name: all, kind: csv, path: all.csv, regions: ['64', '64.*']",
    )
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert (counted(work_file, "64"), counted(work_file, "64.71")) == (400, 300)


def test_another_sender_neither_brings_an_old_report_back_nor_takes_one_by_sending_it_first(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path, f"name: inbox, kind: csv, {FOLDERS}")
    first, second, third = (document([report("64.71", realised)]) for realised in (100, 900, 500))
    own, other = tmp_path / "inbox" / "64.71", tmp_path / "inbox" / "64.08"
    # the very bytes, name and time that the region will send
    put(other / "c.csv", third, JANUARY)
    put(own / "a.csv", first, JANUARY)
    take_in(settings, [PERIOD])
    put(own / "b.csv", second, JANUARY)
    take_in(later(settings, 1), [PERIOD])
    put(other / "a.csv", first, JANUARY + timedelta(hours=3))
    take_in(later(settings, 2), [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert counted(work_file) == 900
    put(own / "c.csv", third, JANUARY)
    take_in(later(settings, 3), [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert counted(work_file) == 500
    assert refused(work_file) == {}
    # each of the two documents, to Balikpapan and to Kutai Timur
    assert [region for region, _ in told(work_file, "WHO-003")] == ["64.08", "64.08", "64.71", "64.71"]
    sendings = {
        (receipt.name, receipt.folder, receipt.intake) for receipt in RawStore(settings.raw).receipts()
    }
    assert sendings == {
        ("c.csv", "64.08", 1),
        ("a.csv", "64.71", 1),
        ("b.csv", "64.71", 2),
        ("a.csv", "64.08", 3),
        ("c.csv", "64.71", 4),
    }


def test_what_another_source_sent_before_is_no_sending_of_a_bound_one(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "name: kutim, kind: csv, path: 'kutim/*.csv', regions: '64.08'",
        "name: balikpapan, kind: csv, path: 'balikpapan/*.csv', regions: '64.71'",
    )
    old, new = document([report("64.71", 100)]), document([report("64.71", 900)])
    put(tmp_path / "kutim" / "b.csv", new, JANUARY)
    put(tmp_path / "balikpapan" / "a.csv", old, JANUARY + timedelta(hours=1))
    take_in(settings, [PERIOD])
    put(tmp_path / "balikpapan" / "b.csv", new, JANUARY)
    take_in(later(settings, 1), [PERIOD])
    assert counted(build_periods(settings, [PERIOD], models=MODELS)) == 900


def test_a_source_that_is_bound_later_keeps_the_order_and_gives_back_what_was_taken(tmp_path: Path) -> None:
    free = f"name: inbox, kind: csv, {FOLDERS.partition(',')[0]}"
    settings = settings_of(tmp_path, free)
    put(tmp_path / "inbox" / "64.71" / "a.csv", document([report("64.71", 900)]), JANUARY)
    take_in(settings, [PERIOD])
    put(tmp_path / "inbox" / "64.08" / "b.csv", document([report("64.71", 1)]), JANUARY)
    take_in(later(settings, 1), [PERIOD])
    assert counted(build_periods(settings, [PERIOD], models=MODELS)) == 1
    settings_of(tmp_path, f"name: inbox, kind: csv, {FOLDERS}")
    take_in(later(settings, 2), [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert (counted(work_file), list(refused(work_file))) == (900, ["b.csv"])
    intakes = {(receipt.name, receipt.intake) for receipt in RawStore(settings.raw).receipts()}
    assert intakes == {("a.csv", 1), ("b.csv", 2)}


def test_an_unreadable_document_in_the_name_of_another_region_is_its_senders(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"name: inbox, kind: csv, {FOLDERS}")
    put(tmp_path / "inbox" / "64.71" / "a.csv", document([report("64.71", 900)]), JANUARY)
    put(tmp_path / "inbox" / "64.08" / "64.71_2024-Q4.csv", b"entah\n1\n", JANUARY)
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    found = query(
        "select region_code, documents_rejected from marts.mart_compliance"
        " where region_code in ('64.71', '64.08') order by region_code",
        work_file,
    )
    assert [tuple(row.values()) for row in found] == [("64.08", 1), ("64.71", 0)]


def told(work_file: Path, rule: str) -> list[tuple[str, str]]:
    """Who is told of a rule, and of what."""
    rows = query(
        "select region_code, value from marts.mart_finding where rule_id = $rule order by all",
        work_file,
        rule=rule,
    )
    return [(row["region_code"], row["value"]) for row in rows]


def test_where_nothing_is_bound_both_are_told_who_replaced_whom(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "name: inbox, kind: csv, path: inbox/**/*.csv",
        "name: portal, kind: csv, path: portal.csv",
    )
    put(tmp_path / "inbox" / "balikpapan" / "a.csv", document([report("64.71", 900)]), JANUARY)
    put(tmp_path / "inbox" / "samarinda" / "a.csv", document([report("64.72", 900)]), JANUARY)
    put(tmp_path / "inbox" / "kutim" / "kutim.csv", document([report("64.08", 800)]), JANUARY)
    put(tmp_path / "inbox" / "samarinda" / "b.csv", document([report("64.72", 950)]), JANUARY + timedelta(1))
    put(tmp_path / "inbox" / "kutim" / "b.csv", document([report("64.71", 1)]), JANUARY + timedelta(days=1))
    # another sector of a region that another place reports
    other = report("64.08", 700, service="K-SOS-01")
    put(tmp_path / "portal.csv", document([other]), JANUARY + timedelta(days=2))
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert counted(work_file) == 1
    ids = {
        row["name"]: row["document_id"]
        for row in query(
            "select document_id, name, region_code from marts.mart_document order by name desc", work_file
        )
        if row["region_code"] == "64.71"
    }
    value = (
        f"64.71 Kota Balikpapan: inbox/kutim/b.csv ({ids['b.csv']})"
        f" ← inbox/balikpapan/a.csv ({ids['a.csv']}): kesehatan"
    )
    # Balikpapan beside both of its documents, and Kutai Timur, whose folder it is
    assert told(work_file, "WHO-002") == [("64.08", value), ("64.71", value), ("64.71", value)]


def test_who_is_bound_may_take_back_what_a_free_place_took(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "name: own, kind: csv, path: own.csv, regions: '64.71'",
        "name: free, kind: csv, path: free.csv",
    )
    put(tmp_path / "free.csv", document([report("64.71", 1)]), JANUARY)
    put(tmp_path / "own.csv", document([report("64.71", 900)]), JANUARY + timedelta(days=1))
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert (counted(work_file), told(work_file, "WHO-002")) == (900, [])
    put(tmp_path / "free.csv", document([report("64.71", 2)]), JANUARY + timedelta(days=2))
    take_in(later(settings, 1), [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    assert counted(work_file) == 2
    assert [region for region, _ in told(work_file, "WHO-002")] == ["64.71", "64.71"]


def test_whose_folder_it_was_hears_of_what_was_refused_there(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"name: inbox, kind: csv, {FOLDERS}")
    put(tmp_path / "inbox" / "64.71" / "a.csv", document([report("64.71", 900)]), JANUARY)
    put(tmp_path / "inbox" / "64.08" / "slip.csv", document([report("64.71", 1)]), JANUARY)
    release = publish_periods(settings, [PERIOD])
    assert release is not None
    written = write_feedback(settings)
    books = {path.stem: load_workbook(path)["Ringkasan"] for path in written.folder.rglob("*.xlsx")}
    assert set(books) == {"64.71", "64.08"}
    said = {
        code: " ".join(str(cell) for row in book.values for cell in row if cell)
        for code, book in books.items()
    }
    assert "WHO-003" in said["64.08"]
    assert "inbox/64.08" in said["64.08"]
    assert "WHO-001" in said["64.71"]
    assert "inbox/64.08" in said["64.71"]


def test_a_binding_that_comes_after_a_release_restates_with_a_reason(tmp_path: Path) -> None:
    free = f"name: inbox, kind: csv, {FOLDERS.partition(',')[0]}"
    settings = settings_of(tmp_path, free)
    put(tmp_path / "inbox" / "64.71" / "a.csv", document([report("64.71", 900)]), JANUARY)
    put(tmp_path / "inbox" / "64.08" / "b.csv", document([report("64.71", 1)]), JANUARY + timedelta(1))
    publish_periods(settings, [PERIOD])
    settings_of(tmp_path, f"name: inbox, kind: csv, {FOLDERS}")
    publish_periods(later(settings, 1), [PERIOD])
    cells = restated(settings)
    assert cells
    assert {cell["reason"] for cell in cells} <= {"new_reference_data", "routine"}
    (row,) = [row for row in published(settings, "fct_indicator") if row["realised"] is not None]
    assert int(row["realised"]) == 900


def test_a_file_that_is_first_seen_after_the_window_is_late_unless_its_store_is_trusted(
    tmp_path: Path,
) -> None:
    # the window of 2024-Q4 closed on 2025-01-20; it is June
    settings = settings_of(
        tmp_path,
        "name: seen, kind: csv, path: seen.csv",
        "name: store, kind: csv, path: store.csv",
    )
    text = (tmp_path / "sources.yaml").read_text(encoding="utf-8")
    text = text.replace("receipt_time: store, name: seen", "name: seen")
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    put(tmp_path / "seen.csv", document([report("64.71", 900)]), JANUARY)
    put(tmp_path / "store.csv", document([report("64.72", 900)]), JANUARY)
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=MODELS)
    found = query(
        "select region_code, timeliness from marts.mart_compliance where region_code in ('64.71', '64.72')"
        " order by region_code",
        work_file,
    )
    assert [row["timeliness"] for row in found] == ["late", "on_time"]
    assert told(work_file, "TIM-005") == [("64.71", "2025-01-10 10:00 / 2025-06-01 10:00")]
    counts = query("select name, receipt_time from marts.mart_document order by name", work_file)
    assert [row["receipt_time"] for row in counts] == ["seen", "store"]


def test_a_file_of_the_future_neither_counts_last_nor_as_received_then(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "name: inbox, kind: csv, path: inbox/*.csv")
    put(tmp_path / "inbox" / "a.csv", document([report("64.71", 1)]), NOW + timedelta(days=3000))
    put(tmp_path / "inbox" / "b.csv", document([report("64.71", 900)]), JANUARY)
    take_in(settings, [PERIOD])
    times = {
        receipt.name: (receipt.receipt_time, receipt.received_at)
        for receipt in RawStore(settings.raw).receipts()
    }
    assert times == {
        "a.csv": ("seen", NOW.isoformat(timespec="microseconds")),
        "b.csv": ("store", JANUARY.isoformat(timespec="microseconds")),
    }


def test_plan_and_check_say_who_may_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(
        tmp_path,
        f"name: inbox, kind: csv, {FOLDERS}",
        "name: kaltim, kind: csv, path: kaltim.csv, regions: ['64', '64.*']",
        "name: portal, kind: csv, path: portal.csv",
    )
    own = tmp_path / "inbox" / "64.08" / "a.csv"
    put(own, document([report("64.71", 900)]), JANUARY)
    runner = CliRunner()
    planned = runner.invoke(
        app, ["run", PERIOD, "--plan", "--sources", str(settings.sources_file), "--home", str(settings.home)]
    )
    assert planned.exit_code == 0, planned.output
    lines = [line.strip() for line in planned.output.splitlines() if "may report for" in line]
    assert [line.partition(":")[0] for line in lines] == ["inbox", "kaltim", "portal"]
    assert "64, 64.*" in lines[1]
    assert "any region" in lines[2]
    checked = runner.invoke(
        app, ["check", str(own), "--source", "inbox", "--sources", str(settings.sources_file)]
    )
    assert checked.exit_code == 1, checked.output
    assert "a.csv: sumber inbox, folder 64.08" in checked.output
    assert "WHO-001" in checked.output
    # at a desk, in no folder yet
    put(tmp_path / "a.csv", own.read_bytes())
    checked = runner.invoke(
        app, ["check", str(tmp_path / "a.csv"), "--source", "inbox", "--sources", str(settings.sources_file)]
    )
    assert "WHO-001" not in checked.output


# what is refused before anything is read, in one line that says what to write
UNUSABLE = {
    "a code of BPS": ("'6471'", "64.71"),
    "a name": ("Kota Balikpapan", "Kemendagri"),
    "nobody's code": ("'64.99'", "64.99"),
    "digits of another script": ("'\uff16\uff14.\uff17\uff11'", "Kemendagri"),
    "nothing": ("[]", "from folder"),
    "keys": ("{a: b}", "from folder"),
    "a path": ("'../64.71'", "Kemendagri"),
    "no folder in the path": ("from folder", "inbox/*/*.xlsx"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_regions_that_say_nothing_are_refused_in_one_line(case: str, tmp_path: Path) -> None:
    written, told = UNUSABLE[case]
    settings_of(tmp_path, f"name: a, kind: csv, path: 'inbox/*.csv', regions: {written}")
    with pytest.raises(SourcesError) as refusal:
        load_sources(tmp_path / "sources.yaml")
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)
