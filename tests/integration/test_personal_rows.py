"""No personal data goes beyond landing: into no table, name, key or report, on no terminal; figures stay."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.build import steps
from pipelines.cli.app import app
from pipelines.publish.releases import Releases
from pipelines.registry.personal_data import masked_key
from pipelines.settings import Settings
from pipelines.warehouse import dbt
from pipelines.warehouse.personal_rows import DOCUMENTS, ROWS, may_hold
from pipelines.warehouse.unread import held_back
from tests.integration.home import document, publish_periods, published, put, settings_of, take_in
from tests.unit.personal_corpus import NOTATIONS, clean_texts

pytestmark = pytest.mark.attack("personal data")

PERIOD, CITY = "2024-Q4", "64.71"
PERSONS = (
    "6471051708890003",
    "6471051708890011",
    "081234567890",
    "siti.a@contoh.example",
    "3273015203910002",
)
OF_CITY = {"region": CITY, "period": PERIOD}
SERVED = {**OF_CITY, "record": "achievement", "component": "recipients", "target": "10", "realised": "9"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Personal data in every place that a sender can write in, beside rows that hold none."""
    folder = tmp_path_factory.mktemp("personal")
    settings = settings_of(folder)
    nik, other, mobile, mail, woman = PERSONS
    rows = [
        {**SERVED, "service": "K-KES-01", "note": f"Ibu Siti Aminah, NIK {nik}"},
        {**SERVED, "service": "K-KES-02", "unit": f"orang ({mobile})"},
        {**SERVED, "service": "K-KES-03", "realised": nik},
        {**SERVED, "service": "K-KES-04", "target": "1234567890123456", "realised": "12"},
        {**SERVED, "service": "K-KES-01", "component": "goods_services", "item": f"Vaksin {nik}"},
        {**SERVED, "service": "K-KES-01", "component": "goods_services", "item": f"Vaksin {other}"},
        {**SERVED, "region": f"Balikpapan {mobile}", "service": "K-SOS-01"},
        {**SERVED, "service": f"{mail}"},
        {**SERVED, "record": f"catatan {woman}", "service": "K-SOS-02"},
        {
            **OF_CITY,
            "record": "problem",
            "sector": "sosial",
            "item": mail,
            "note": "\uff10\uff18\uff11234567890",
        },
        {**SERVED, "service": "K-SOS-03", "submitted_at": f"WA {mobile}"},
        {**SERVED, "service": "K-SOS-04", "note": "Rapat 12-12-2024, 1.02.02.2.02.0033, Rp 1.250.000.000"},
    ]
    put(folder / "inbox" / f"{CITY}_Budi_{mobile}_{PERIOD}.csv", document(rows))
    put(folder / "inbox" / f"rusak_{nik}_{PERIOD}.csv", b"PK\x03\x04 not a CSV")
    put(
        folder / "inbox" / "lebih.csv",
        document([{**SERVED, "region": "64.74", "service": "K-SOS-05"}]) + f"{nik},a,b,c\n".encode() * 2,
    )
    database = folder / "dinas.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "create table laporan (nik text, region, period, record, component, service, target, realised)"
        )
        connection.executemany(
            "insert into laporan values (?, ?, ?, 'achievement', 'recipients', ?, 20, 15)",
            [(nik, "64.72", PERIOD, "K-KES-01"), (other, "64.72", PERIOD, "K-KES-02")],
        )
    assert settings.sources_file
    with settings.sources_file.open("a", encoding="utf-8") as sources:
        sources.write(
            f"- name: dinas\n  kind: sql\n  url: sqlite:///{database}\n  key: nik\n"
            "  query: select * from laporan where period = :period\n"
        )
    publish_periods(settings, [PERIOD])
    return settings


def _is_clean(content: bytes) -> bool:
    return not any(person.encode() in content for person in PERSONS)


def _texts_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything in the files of a folder, tables and workbooks unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            rows = duckdb.execute(f"select * from read_parquet('{path}')").fetchall()
            yield path.name, repr(rows).encode()
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                    yield f"{path.name} {name}", repr(connection.execute(f"from {name}").fetchall()).encode()
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path.name} {name}", book.read(name)
        elif path.is_file():
            yield path.name, path.read_bytes()


def _said(settings: Settings, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--home", str(settings.home)], catch_exceptions=False)
    return done.output


def test_no_file_of_a_release_holds_a_person(settings: Settings) -> None:
    folder = Releases(settings.published).current_folder()
    found = list(_texts_of(folder))
    assert len(found) > 40
    assert [name for name, content in found if not _is_clean(content)] == []
    shown = b"".join(content for _, content in found)
    # each was there
    for mask in (b"[NIK]", b"[telepon]", b"[surel]", b"[nama]", b"[NIK-"):
        assert mask in shown


def test_no_report_holds_a_person(settings: Settings) -> None:
    _said(settings, "report")
    reports = list(_texts_of(settings.home / "reports"))
    assert any(name.startswith(f"{CITY}.xlsx") for name, _ in reports)
    assert any(name == f"{CITY}.html" for name, _ in reports)
    assert [name for name, content in reports if not _is_clean(content)] == []


def test_no_command_says_a_person(settings: Settings) -> None:
    said = [
        _said(settings, "explain", CITY, PERIOD),
        _said(settings, "explain", "64.72", PERIOD, "--json"),
        _said(settings, "trace", f"{CITY}_Budi_{PERSONS[2]}_{PERIOD}.csv:L2", "--json"),
        _said(settings, "trace", f"dinas:{PERSONS[0]}", "--json"),
        *map(str, held_back(settings.landing, [PERIOD])),
    ]
    assert all(said)
    assert [
        text for text in said if not _is_clean(text.replace(f"_{PERSONS[2]}_{PERIOD}.csv:L2", "").encode())
    ] == []


def test_a_figure_stays_a_figure_and_a_person_in_its_place_is_told(settings: Settings) -> None:
    facts = {
        fact["service_code"]: fact
        for fact in published(settings, "fct_indicator")
        if fact["region_code"] == CITY
    }
    # more than any count, and so held back, as the figure that it is
    held = [row["value"] for row in published(settings, "mart_quarantine") if row["rule_id"] == "NUM-004"]
    assert held == ["1234567890123456"]
    assert facts["K-KES-03"]["status"] == "missing"
    told = {
        (row["rule_id"], row["value"])
        for row in published(settings, "mart_finding")
        if row["region_code"] == CITY
    }
    assert ("PII-002", "NIK") in told
    assert {("PII-001", "NIK, nama"), ("PII-001", "telepon"), ("PII-001", "telepon, surel")} <= told


def test_keys_and_items_of_persons_stay_apart_and_lead_to_their_rows(settings: Settings) -> None:
    facts = [
        fact
        for fact in published(settings, "fct_indicator")
        if fact["region_code"] == "64.72" and fact["source_ref"]
    ]
    shown = {fact["service_code"]: fact["source_ref"] for fact in facts}
    assert shown == {
        "K-KES-01": f"dinas:{masked_key(PERSONS[0]).text}",
        "K-KES-02": f"dinas:{masked_key(PERSONS[1]).text}",
    }
    for service, ref in shown.items():
        assert service in _said(settings, "trace", ref)
    items = {
        fact["item"]
        for fact in published(settings, "fct_indicator")
        if fact["item"] and "[NIK-" in fact["item"]
    }
    assert len(items) == 2
    (name,) = {row["name"] for row in published(settings, "mart_document") if CITY in row["name"]}
    assert name == f"{CITY}_Budi_[telepon]_{PERIOD}.csv"
    assert "K-KES-01" in _said(settings, "trace", f"{name}:L2")


def test_rows_without_personal_data_are_as_they_were_sent(settings: Settings) -> None:
    fact = next(
        row
        for row in published(settings, "fct_indicator")
        if (row["region_code"], row["service_code"]) == (CITY, "K-SOS-04")
    )
    assert (fact["target"], fact["realised"]) == (10, 9)
    assert not any(
        row["rule_id"] == "PII-001" and row["service_code"] == "K-SOS-04"
        for row in published(settings, "mart_finding")
    )


def test_what_was_sent_is_for_the_account_of_the_service_alone(settings: Settings) -> None:
    own = settings.work / "own"
    steps.make_work(settings, own / dbt.WORK_FILE_NAME, [PERIOD])
    for folder in (settings.raw, settings.landing, own):
        found = [settings.work, folder, *folder.rglob("*")]
        assert len(found) > 2
        assert [path for path in found if path.stat().st_mode & 0o077] == []
    # readers of releases are others
    release = Releases(settings.published).current_folder()
    assert {path.stat().st_mode & 0o777 for path in release.iterdir()} == {0o444}
    assert release.stat().st_mode & 0o055 == 0o055


def test_a_home_of_an_earlier_version_is_closed_as_it_is_used(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    for folder in settings.private:
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    put(tmp_path / "inbox" / "laporan.csv", document([{**SERVED, "service": "K-KES-01"}]))
    take_in(settings, [PERIOD])
    assert [folder for folder in settings.private if folder.stat().st_mode & 0o077] == []


def test_whatever_is_masked_is_looked_at() -> None:
    """The first look, which DuckDB takes at every row, lets nothing pass that the second would find."""
    texts = [text for notations in NOTATIONS.values() for text, _ in notations()]
    with duckdb.connect() as connection:
        connection.execute("create table texts (text varchar)")
        connection.executemany("insert into texts values (?)", [[text] for text in texts])
        passed = connection.execute(f"select text from texts where not {may_hold('text')}").fetchall()
        assert passed == []
        # and looks at few of the others
        connection.execute("delete from texts")
        clean = list(clean_texts())
        connection.executemany("insert into texts values (?)", [[text] for text in clean])
        ((looked_at,),) = connection.execute(
            f"select count(*) from texts where {may_hold('text')}"
        ).fetchall()
        assert looked_at < len(clean)


def test_every_text_that_is_landed_is_looked_at() -> None:
    from pipelines.landing.landed_rows import DOCUMENT_SCHEMA, LANDED_SCHEMA

    own = {
        "sha256",
        "source",
        "reading_id",
        "period_key",
        "reject_rule",
        "ref_prefix",
        "receipt_time",
        "region_codes",
    }
    own |= {"period_from", "period_to", "reject_period"}
    for schema, looked_at in ((LANDED_SCHEMA, ROWS), (DOCUMENT_SCHEMA, DOCUMENTS)):
        texts = {field.name for field in schema if str(field.type) == "string"}
        assert texts - own == set(looked_at)
