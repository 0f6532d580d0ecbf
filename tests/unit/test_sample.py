"""The sample is the same for a seed whoever writes it, believable, and true to its list of errors."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import openpyxl
import pytest

from pipelines.registry.periods import Period, parse_range
from pipelines.registry.regions import state_on
from pipelines.registry.rosters import expected_reporters
from pipelines.registry.seeds import read_seed
from pipelines.registry.windows import window_of
from pipelines.reports.region_form import write_region_form
from pipelines.warehouse.region_names import RegionNotFoundError
from spm_sample.command import write_sample
from spm_sample.errors import KINDS, SampleError
from spm_sample.notation import ONLY_INDONESIAN, TWO_WAYS, number, settle
from spm_sample.regions import Plan, write_region
from spm_sample.row_errors import in_words
from spm_sample.rows import row

YEAR = parse_range("2024-Q1..2024-Q4")
HALF = YEAR[2:]


def _sample(folder: Path, periods: tuple[Period, ...] = HALF, **options: object) -> Path:
    given = {"regions": 8, "kind": "csv", "items": 2, "seed": 1, "errors": 0.0, "error": [], **options}
    write_sample(folder, periods, **given)  # type: ignore[arg-type]
    return folder


def _files(folder: Path) -> dict[str, tuple[bytes, float]]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".yaml")
    return {
        str(path.relative_to(folder)): (
            path.read_bytes(),
            path.stat().st_mtime if "inbox" in path.parts else 0,
        )
        for path in found
    }


def _planted(folder: Path) -> list[dict[str, str]]:
    with (folder / "planted.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _csv_rows(path: Path) -> tuple[list[dict[str, str]], bool]:
    """The rows of a CSV document and whether it is written the Indonesian way, with semicolons."""
    text = path.read_text(encoding="utf-8")
    is_indonesian = text.startswith("record;")
    return list(
        csv.DictReader(text.splitlines(), delimiter=";" if is_indonesian else ",", restval="")
    ), is_indonesian


def test_the_same_seed_gives_the_same_bytes_with_one_worker_or_two(tmp_path: Path) -> None:
    one = _sample(tmp_path / "one", YEAR, regions=30, errors=0.2, workers=1)
    two = _sample(tmp_path / "two", YEAR, regions=30, errors=0.2, workers=2)
    assert _files(one) == _files(two)


def test_workbooks_are_the_same_bytes_too_and_another_seed_gives_others(tmp_path: Path) -> None:
    options = {"kind": "workbook", "errors": 0.3, "regions": 6}
    first = _files(_sample(tmp_path / "1", **options))
    assert _files(_sample(tmp_path / "2", **options)) == first
    assert _files(_sample(tmp_path / "3", seed=2, **options)) != first


def test_a_region_sends_the_same_whichever_other_regions_there_are(tmp_path: Path) -> None:
    few, many = (_sample(tmp_path / str(count), regions=count, errors=0.2) for count in (5, 10))
    documents = {name: held for name, held in _files(few).items() if "inbox" in name}
    assert documents.items() <= _files(many).items()


def test_every_expected_region_reports_every_quarter(tmp_path: Path) -> None:
    periods = (Period(2022, 2), Period(2024, 1))  # before and after the last provinces were founded
    folder = _sample(tmp_path, periods, regions=None, items=0)
    for period in periods:
        sent = {path.name.split("_")[0] for path in (folder / "inbox" / str(period)).iterdir()}
        assert sent == {region.region_code for region in expected_reporters(period)}


def test_values_grow_within_the_year_and_never_pass_their_target(tmp_path: Path) -> None:
    folder = _sample(tmp_path, YEAR, regions=6)
    for code in {path.name.split("_")[0] for path in (folder / "inbox/2024-Q1").iterdir()}:
        before: dict[tuple[str, ...], Decimal] = {}
        for period in YEAR:
            told, is_indonesian = _csv_rows(folder / f"inbox/{period}/{code}_{period}.csv")
            now = {}
            for each in told:
                if each["record"] in ("achievement", "budget", "stage"):
                    target, realised = (number(each[name], is_indonesian) for name in ("target", "realised"))
                    assert target is not None
                    assert realised is not None
                    assert realised <= target
                    now[each["record"], each["sector"], each["service"], each["item"]] = realised
            assert all(value >= before.get(key, 0) for key, value in now.items())
            assert sum(now.values()) > sum(before.values())
            before = now


def test_targets_stay_within_the_year_and_change_a_little_after_it(tmp_path: Path) -> None:
    folder = _sample(tmp_path, parse_range("2023-Q3..2024-Q1"), regions=4)
    targets = [
        [
            [each["target"] for each in _csv_rows(path)[0] if each["record"] == "achievement"]
            for path in sorted((folder / "inbox" / period).iterdir())
        ]
        for period in ("2023-Q3", "2023-Q4", "2024-Q1")
    ]
    assert targets[0] == targets[1] != targets[2]


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_what_is_listed_as_planted_stands_at_its_place(tmp_path: Path, kind: str) -> None:
    folder = _sample(tmp_path, kind=kind, regions=24, errors=0.3)
    looked_at = set()
    for line in _planted(folder):
        path = folder / "inbox" / line["period"] / line["document"]
        assert path.exists()
        if line["text"] and line["place"] and not line["rule_id"].startswith("DOC"):
            assert line["text"] in _texts_at(path, line["place"]), line
            looked_at.add(line["kind"])
    assert len(looked_at) > 15


def _texts_at(path: Path, place: str) -> list[str]:
    """The texts of the cell, of the row where the cell is in the first column, or of the line."""
    if path.suffix == ".csv":
        line = path.read_text(encoding="utf-8").splitlines()[int(place[1:]) - 1]
        return next(csv.reader([line], delimiter=";" if line.count(";") > 3 else ","))
    sheet, cell = place.split("!")
    page = _book(path)[sheet]
    cells = page[cell[1:]] if cell.startswith("A") else [page[cell]]
    return ["" if each.value is None else str(each.value) for each in cells]


@lru_cache
def _book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_can_be_planted_and_names_the_rule_that_finds_it(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    # a city and a large regency, with the years before that some kinds compare with
    periods = (*(period.previous(4 * year) for period in HALF[:1] for year in (3, 2, 1)), *HALF)
    for document_kind in kind.formats:
        shares = {**dict.fromkeys(KINDS, 0.0), name: 1.0}
        planted = []
        for code in ("32.73", "32.01"):
            states = {period: state_on(code, period.ends_on) for period in periods}
            plan = Plan(tmp_path, document_kind, 2, 3, shares)
            planted += write_region(plan, states).planted  # type: ignore[arg-type]
        assert {line["kind"] for line in planted} == {name}
        assert kind.rule_id in {line["rule_id"] for line in planted} | {
            # a CSV that breaks off is a document with one bad line
            "DOC-001" if name == "truncated_document" else kind.rule_id
        }
    severities = {each.text("rule_id"): each.text("severity") for each in read_seed("rules")}
    for line in planted:
        assert line["fatal"] == ("true" if severities.get(line["rule_id"]) == "fatal" else "false")


def test_a_share_of_0_switches_a_kind_off_and_leaves_the_others(tmp_path: Path) -> None:
    everything = _planted(_sample(tmp_path / "1", errors=0.2, regions=20))
    without = _planted(_sample(tmp_path / "2", errors=0.2, regions=20, error=["broken_line=0"]))
    assert {line["kind"] for line in everything} - {line["kind"] for line in without} == {"broken_line"}


@pytest.mark.parametrize("errors", [0.0, 0.4])
def test_what_reads_two_ways_in_an_indonesian_document_is_decided_by_its_column_and_unit(
    tmp_path: Path, errors: float
) -> None:
    folder = _sample(tmp_path, regions=30, errors=errors, error=["wrong_columns=0", "ambiguous_number=0"])
    planted = {(line["document"], line["place"]) for line in _planted(folder)}
    found = 0
    for path in sorted(folder.glob("inbox/*/*.csv")):
        told, is_indonesian = _csv_rows(path)
        if is_indonesian:
            found += 1
            free = [each for line, each in enumerate(told, 2) if (path.name, f"L{line}") not in planted]
            for column in ("target", "realised"):
                assert not any(re.fullmatch(r"\d*\.\d{1,2}", each[column]) for each in told), path
                proved = {
                    (each["record"], each["unit"]) for each in told if ONLY_INDONESIAN.fullmatch(each[column])
                }
                asking = {(each["record"], each["unit"]) for each in free if TWO_WAYS.fullmatch(each[column])}
                assert asking <= proved, path
    assert found > 10


def test_a_text_that_reads_two_ways_is_given_one_of_its_unit_that_reads_one_way() -> None:
    told = (("orang", "1.234"), ("orang", "2.500"), ("paket", "1.234"), ("paket", "9,5"), ("unit", "8"))
    rows = [row("achievement", unit=unit, target="12", realised=text) for unit, text in told]
    settle(rows, {id(rows[0])})
    assert [each["realised"] for each in rows] == ["1.234", "2.500,00", "1.234", "9,5", "8"]


def test_late_documents_come_after_the_window_and_all_others_in_it(tmp_path: Path) -> None:
    folder = _sample(
        tmp_path, regions=30, error=["late_entry=0.4", "resubmission=0.4", "duplicate_bytes=0.4"]
    )
    late = {line["document"] for line in _planted(folder) if line["kind"] == "late_entry"}
    assert len(late) > 5
    for period in HALF:
        for path in (folder / "inbox" / str(period)).iterdir():
            received_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            assert received_at.date() > period.ends_on
            assert (received_at >= window_of(period).ends_at) == (path.name in late), path.name


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"kind": "pdf"}, "--kind pdf", id="kind"),
        pytest.param({"regions": 0}, "--regions 0", id="no-regions"),
        pytest.param({"items": 51}, "--items 51", id="items"),
        pytest.param({"errors": 1.5}, "--errors 1.5", id="share"),
        pytest.param({"error": ["typo=0.1"]}, "typo", id="unknown-kind"),
        pytest.param({"error": ["junk_item=x"]}, "junk_item", id="no-number"),
        pytest.param({"periods": (Period(2018, 4),)}, "2018-Q4", id="before-the-services"),
    ],
)
def test_an_option_out_of_range_is_named(tmp_path: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(SampleError, match=said):
        _sample(tmp_path, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_new_set_replaces_the_old_one_and_nothing_that_is_not_a_sample(tmp_path: Path) -> None:
    _sample(tmp_path, regions=8)
    _sample(tmp_path, (Period(2023, 4),), regions=2)
    assert len(list(tmp_path.glob("inbox/*/*"))) == 2
    own = tmp_path / "inbox/2023-Q4/laporan kami.csv"
    own.write_text("record\n")
    with pytest.raises(SampleError, match="laporan kami"):
        _sample(tmp_path)
    assert own.exists()


@pytest.mark.parametrize(
    ("value", "said"), [(0, "nol"), (11, "sebelas"), (14, "empat belas"), (72, "tujuh puluh dua")]
)
def test_numbers_are_said_as_indonesians_say_them(value: int, said: str) -> None:
    assert in_words(value) == said


def test_a_blank_form_is_named_after_the_region_that_was_meant(tmp_path: Path) -> None:
    path = write_region_form("Kab. Kutim", Period(2024, 4), tmp_path)
    assert path == tmp_path / "64.08_2024-Q4.xlsx"
    assert openpyxl.load_workbook(path)["Identitas"]["B5"].value == "Kabupaten Kutai Timur"


@pytest.mark.parametrize(("region", "period"), [("31.71", Period(2024, 4)), ("64.08", Period(2018, 4))])
def test_who_owes_no_report_gets_no_form(tmp_path: Path, region: str, period: Period) -> None:
    with pytest.raises(RegionNotFoundError, match="tidak wajib"):
        write_region_form(region, period, tmp_path)
    assert not list(tmp_path.iterdir())
