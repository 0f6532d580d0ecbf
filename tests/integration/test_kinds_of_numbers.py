"""A number is read alike whichever way it comes: by CSV, a cell of the form, an API, a database.

One document each of the same cells, typed as text or held as the value that the way knows. What reads two
ways, and what is no number, costs its row and no other.
"""

from __future__ import annotations

import io
import json
import math
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.registry.forms import forms
from tests.integration.home import build_periods, document, put, query, settings_of, take_in
from tests.unreliable_server import Portal, Reply

PERIOD = "2024-Q4"
REGIONS = {"csv": "64.71", "workbook": "64.72", "rest": "64.74", "sql": "64.02"}
Value = Any
CELLS: tuple[tuple[str, str, Value, Value, str], ...] = (
    ("K-KES-01", "orang", "1,234", 950, "NUM-002"),
    ("K-KES-02", "rumah", "2.500", 900, "2500 900"),
    ("K-KES-03", "rumah", "1.234.567", 1_100_000, "1234567 1100000"),
    ("K-KES-04", "KK", "12 34", 950, "NUM-001"),
    ("K-KES-05", "jiwa", 1000, "85%", "NUM-008"),
    ("K-KES-06", "bayi", 1000, True, "NUM-001"),
    ("K-KES-07", "balita", 1000, date(2024, 5, 1), "NUM-001"),
    ("K-KES-08", "siswa", 60, 56.99999999999999, "60 57"),
    ("K-KES-09", "guru", 1.5, 950, "NUM-007"),
    ("K-KES-10", "kasus", 1000, math.inf, "NUM-001"),
    ("K-KES-11", "pasien", "75%", "68%", "NUM-009"),
    ("K-KES-12", "warga", "1 234", "9,5 %", "NUM-008"),
    ("K-PEND-01", "anak", "1 234", "1.100,00", "1234 1100"),
    ("K-PEND-02", "kelas", 1000, timedelta(hours=30), "NUM-001"),
    ("K-PEND-03", "lembaga", "1'234", 950, "NUM-001"),
    ("K-PU-01", "km", 12.5, 11.25, "12.5 11.25"),
    ("K-PU-02", "persen", 100, 98.5, "100 98.5"),
)


def _rows(way: str) -> list[dict[str, Value]]:
    common = {"record": "achievement", "component": "recipients", "region": REGIONS[way], "period": PERIOD}
    return [
        {"id": number, **common, "service": service, "unit": unit, "target": target, "realised": realised}
        for number, (service, unit, target, realised, _) in enumerate(CELLS)
    ]


def _plain(value: Value) -> Value:
    """What JSON and SQLite hold of it; a number or a truth stays one."""
    return value if isinstance(value, str | bool | int | float) else str(value)


def _as_csv(folder: Path) -> str:
    rows = [{name: str(value) for name, value in row.items() if name != "id"} for row in _rows("csv")]
    put(folder / "inbox" / "a.csv", document(rows))
    return "{name: csv, kind: csv, path: inbox/*.csv}"


def _as_workbook(folder: Path) -> str:
    book = openpyxl.Workbook()
    book.remove(book.active)
    identity = {"region": REGIONS["workbook"], "period": PERIOD, "form_version": "spm-2"}
    for sheet in forms()["spm-2"].sheets:
        page = book.create_sheet(sheet.name)
        rows = [row for row in _rows("workbook") if _sector(row["service"]) == sheet.sector]
        for at, (label, field) in enumerate(sheet.labels.items()):
            if sheet.record == "identity":
                page.cell(sheet.header_row + at, 1, label)
                page.cell(sheet.header_row + at, 2, identity.get(field))
                continue
            page.cell(sheet.header_row, at + 1, label)
            for number, row in enumerate(rows if sheet.record == "achievement" else [], sheet.header_row + 1):
                value = row.get(field)
                page.cell(number, at + 1, "Infinity" if value == math.inf else value)
    buffer = io.BytesIO()
    book.save(buffer)
    put(folder / "inbox" / "a.xlsx", buffer.getvalue())
    return "{name: workbook, kind: workbook, path: inbox/*.xlsx}"


def _sector(service: str) -> str:
    names = {"KES": "kesehatan", "PEND": "pendidikan", "PU": "pekerjaan_umum"}
    return names[service.split("-")[1]]


def _as_rest(portal: Portal) -> str:
    keys = "kind: rest, records: data, key: id, stable_reads: 2, requests_per_second: 10000"
    return f"{{name: rest, url: '{portal.origin}/a', {keys}}}"


def _as_sql(folder: Path) -> str:
    rows = _rows("sql")
    with closing(sqlite3.connect(folder / "a.sqlite")) as connection:
        connection.execute(f"create table a ({', '.join(rows[0])})")
        places = ", ".join("?" * len(rows[0]))
        for row in rows:
            # SQLite has no truths of its own: a flag comes as bytes from some programs
            values = [b"\x01" if value is True else _plain(value) for value in row.values()]
            connection.execute(f"insert into a values ({places})", values)
        connection.commit()
    return "{name: sql, kind: sql, url: 'sqlite:///a.sqlite', query: 'select * from a', key: id}"


@pytest.fixture(scope="module")
def work_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ways")
    settings = settings_of(folder)
    rows = [{name: _plain(value) for name, value in row.items()} for row in _rows("rest")]
    body = json.dumps({"data": rows}).encode()
    with Portal([], fixed=Reply(body=body)) as portal:
        ways = [_as_csv(folder), _as_workbook(folder), _as_rest(portal), _as_sql(folder)]
        text = "sources:\n" + "".join(f"- {way}\n" for way in ways)
        (folder / "sources.yaml").write_text(text, encoding="utf-8")
        take_in(settings, [PERIOD])
    return build_periods(settings, [PERIOD], models=["fct_indicator"])


@pytest.mark.parametrize("way", REGIONS)
def test_a_number_is_read_alike_whichever_way_it_comes(way: str, work_file: Path) -> None:
    found = query(
        "select resolved.service_code, outcomes.rule_id, resolved.target, resolved.realised"
        " from intermediate.int_rows__resolved as resolved"
        " inner join intermediate.int_rows__outcomes as outcomes on resolved.row_id = outcomes.row_id"
        f" where resolved.region_code = '{REGIONS[way]}'",
        work_file,
    )
    told = {
        row["service_code"]: row["rule_id"] or f"{float(row['target']):.15g} {float(row['realised']):.15g}"
        for row in found
    }
    assert told == {service: expected for service, _, _, _, expected in CELLS}
