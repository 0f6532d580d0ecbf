"""A release as open data: valid for those who harvest it, harmless in a spreadsheet, and nobody's name in it.

What a table and its columns mean is said in the same words wherever a release is read.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import jsonschema
import openpyxl
import pyarrow.parquet as pq
import pysdmx.io
import pyshacl
import pytest
import rdflib
import sdmx as sdmx1
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.candidate import Candidate
from pipelines.publish.open_data import sdmx
from pipelines.publish.open_data.choice import PLACES, public_choice
from pipelines.publish.releases import Releases
from pipelines.registry.columns import column_comment, words_of
from pipelines.warehouse.manifest import cards, marts
from tests.integration.candidates import copy_of, release, rewrite
from tests.integration.home import query

SOFFICE = shutil.which("soffice")
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
POD_SCHEMA = FIXTURES / "pod-1.1.schema.json"
DCAT_AP = FIXTURES / "dcat-ap-3.0.0"
BASE = "https://data.example.go.id/spm"
PUBLISHER = [
    *("--publisher", "Biro Tata Pemerintahan", "--license", "https://example.go.id/lisensi"),
    *("--contact", "spm@example.go.id", "--base-url", BASE),
]
NAME = "Siti Rahmawati"
"""Stands in every free text of the release."""
TEXTS = {
    "64": "=HYPERLINK(1)",
    "64.01": "@SUM(A1)",
    "64.02": "+1+1",
    "64.03": "-1234",
    "64.07": "\t=1",
    "64.08": "1.234",
    "64.71": "-2+3",
    "64.72": "biasa, saja",
}
"""What stands as the reason of a window, by region."""
NAMED = {
    "fct_indicator": ("item", "unit"),
    "fct_budget": ("item", "note"),
    "fct_stage": ("stage", "note"),
    "fct_problem": ("problem",),
    "fct_published_index": ("source_name",),
    "mart_document": ("name",),
    "mart_finding": ("value", "message_id", "message_en", "explanation", "subject"),
    "mart_quarantine": ("raw_row", "value"),
    "mart_stage": ("stage",),
}
Cells = list[dict[str, str]]


@pytest.fixture(scope="module")
def home(good_build: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a release of one province, with evil texts and a name where regions write."""
    folder = tmp_path_factory.mktemp("open-data")
    made = copy_of(good_build, folder / "candidate")
    for table in made.tables:
        columns = marts()[table].columns
        if "region_code" in columns and table != "dim_region":
            rewrite(made.file(table), "select * from t where region_code like '64%' or region_code is null")
        if named := NAMED.get(table):
            listed = ", ".join(f"{column} || '{NAME}' as {column}" for column in named)
            empty = ", ".join(f"coalesce({column}, '') as {column}" for column in named)
            rewrite(made.file(table), f"select * replace ({listed}) from (select * replace ({empty}) from t)")
    reasons = " ".join(f"when '{code}' then '{text}'" for code, text in TEXTS.items())
    rewrite(
        made.file("mart_compliance"),
        f"select * replace (case region_code {reasons} end as window_reason) from t",
    )
    release(Releases(folder / "home" / "published"), replace(made, base_release=None))
    return folder / "home"


@pytest.fixture(scope="module")
def exported(home: Path) -> Path:
    """Its open data, with all that a portal asks for."""
    outcome = spm(home, "export", "--json", *PUBLISHER)
    assert outcome["lacking"] == []
    assert outcome["tables"] == len(public_choice())
    return Path(outcome["folder"])


def spm(home: Path, *arguments: str) -> Any:
    """What a command prints for machines."""
    result = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def cells(path: Path, delimiter: str = ",") -> Cells:
    """The cells of a CSV as they are written."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def files(folder: Path) -> dict[str, str]:
    """The hash of every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_release_gives_the_same_bytes(home: Path, exported: Path, tmp_path: Path) -> None:
    again = Path(spm(home, "export", "--json", "--to", str(tmp_path / "again"), *PUBLISHER)["folder"])
    assert files(again) == files(exported)
    assert list(tmp_path.iterdir()) == [again]


def test_an_export_that_fails_leaves_the_one_before(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = ["--to", str(tmp_path / "spm")]
    before = files(Path(spm(home, "export", "--json", *to)["folder"]))
    monkeypatch.setattr(sdmx, "write_sdmx", lambda *_: 1 / 0)
    assert CliRunner().invoke(app, ["export", "--home", str(home), *to]).exit_code == 1
    assert files(tmp_path / "spm") == before
    assert list(tmp_path.iterdir()) == [tmp_path / "spm"]


def test_a_folder_of_something_else_is_not_replaced(home: Path, tmp_path: Path) -> None:
    (tmp_path / "naskah.txt").write_text("milik orang lain")
    result = CliRunner().invoke(app, ["export", "--home", str(home), "--to", str(tmp_path)])
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "naskah.txt"]


def test_the_package_is_valid_and_a_changed_file_is_not(exported: Path, tmp_path: Path) -> None:
    report = frictionless.validate(str(exported / "datapackage.json"))
    assert report.valid, [task.errors for task in report.tasks if not task.valid]
    assert len(report.tasks) == 2 * len(public_choice())
    broken = shutil.copytree(exported, tmp_path / "broken")
    with (broken / "csv" / "dim_sector.csv").open("a") as file:
        file.write("pendidikan,Lagi,Again,7\n")
    resource = frictionless.Package(str(broken / "datapackage.json")).get_resource("dim-sector")
    kinds = {kind for (kind,) in resource.validate().flatten(["type"])}
    assert {"hash-count", "byte-count", "primary-key"} & kinds


@pytest.mark.attack("output")
def test_a_text_is_no_formula_and_a_number_stays_one(exported: Path) -> None:
    plain = {row["region_code"]: row for row in cells(exported / "csv" / "mart_compliance.csv")}
    sheet = {
        row["region_code"]: row for row in cells(exported / "csv-titik-koma" / "mart_compliance.csv", ";")
    }
    guarded = {"64", "64.01", "64.02", "64.07", "64.71"}
    for code, text in TEXTS.items():
        assert plain[code]["window_reason"] == ("'" if code in guarded else "") + text
        in_sheet = ("'" if code in guarded | {"64.08"} else "") + text
        assert sheet[f"'{code}"]["window_reason"] == in_sheet
    scores = cells(exported / "csv-titik-koma" / "mart_region_score.csv", ";")
    assert {row["region_code"] for row in scores} == set(sheet)
    assert all(re.fullmatch(r"-?\d+(,\d+)?|", row["index"]) for row in scores)
    by_comma = cells(exported / "csv" / "mart_region_score.csv")
    assert [row["index"].replace(",", ".") for row in scores] == [row["index"] for row in by_comma]


def converted(source: Path, folder: Path, *arguments: str) -> None:
    """Have LibreOffice open a file and save it in another form."""
    if SOFFICE is None:
        pytest.skip("no LibreOffice")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        SOFFICE,
        profile,
        "--headless",
        "--norestore",
        *arguments,
        "--outdir",
        str(folder),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def test_numbers_are_numbers_in_an_indonesian_spreadsheet(exported: Path, tmp_path: Path) -> None:
    # parted by ;, quoted by ", UTF-8, from line 1, in the language id-ID
    reading = "--infilter=CSV:59,34,76,1,,1057,false,true"
    csv_file = exported / "csv-titik-koma" / "mart_region_score.csv"
    converted(csv_file, tmp_path, reading, "--convert-to", "xlsx")
    header, *rows = openpyxl.load_workbook(tmp_path / "mart_region_score.xlsx").active.values
    opened = [dict(zip(header, row, strict=True)) for row in rows]
    true = {
        (f"'{row['region_code']}", row["period"]): float(row["index"]) if row["index"] else None
        for row in cells(exported / "csv" / "mart_region_score.csv")
    }
    assert {type(row["index"]) for row in opened} <= {int, float, type(None)}
    assert {(row["region_code"], row["period"]): row["index"] for row in opened} == pytest.approx(true)

    # the third sheet of the workbook, as a CSV parted by ;
    form = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1057,false,true,false,false,false,3"
    converted(exported / "spm-ringkasan.xlsx", tmp_path, "--convert-to", form)
    label = words_of("mart_region_score", "index")["label_id"]
    shown = [row[label] for row in cells(tmp_path / "spm-ringkasan-Daerah.csv", ";")]
    assert len(shown) == len(true)
    values = [float(text.replace(",", ".")) for text in shown if text]
    assert sorted(values) == pytest.approx(sorted(value for value in true.values() if value is not None))


def test_the_workbook_holds_numbers_under_indonesian_labels(exported: Path) -> None:
    book = openpyxl.load_workbook(exported / "spm-ringkasan.xlsx")
    assert book.sheetnames[0] == "Baca dulu"
    page = book["Daerah"]
    header = [cell.value for cell in page[1]]
    assert header[:2] == [
        words_of("mart_region_score", name)["label_id"] for name in ("period", "region_code")
    ]
    at = header.index(words_of("mart_region_score", "index")["label_id"])
    shown = [row[at] for row in page.iter_rows(min_row=2) if row[at].value is not None]
    assert shown
    assert {cell.data_type for cell in shown} == {"n"}
    assert {cell.number_format for cell in shown} == {"[$-421]#,##0.00"}
    assert all(
        cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
    )


def test_the_workbook_can_be_filtered_named_and_printed(exported: Path) -> None:
    book = openpyxl.load_workbook(exported / "spm-ringkasan.xlsx")
    for page in book.worksheets[1:]:
        # a table without a row has an empty one, which names and filters need
        last, bottom = openpyxl.utils.get_column_letter(page.max_column), max(page.max_row, 2)
        table = f"$A$1:${last}${bottom}"
        assert page.auto_filter.ref == table.replace("$", "")
        assert page.print_area == f"'{page.title}'!{table}"
        assert dict(book.defined_names[f"Tabel_{page.title}"].destinations) == {page.title: table}
        assert (page.print_title_rows, page.page_setup.orientation) == ("$1:$1", "landscape")
        # one page wide is what a file without the number says
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.freeze_panes not in (None, "A2")
        widths = [page.column_dimensions[cell.column_letter].width for cell in page[1]]
        assert all(
            width >= max(map(len, cell.value.split())) for cell, width in zip(page[1], widths, strict=True)
        )
    (place,) = dict(book.defined_names["Daerah_index"].destinations).items()
    named = [cell.value for (cell,) in book["Daerah"][place[1]]]
    true = [
        Decimal(row["index"]) for row in cells(exported / "csv" / "mart_region_score.csv") if row["index"]
    ]
    assert sorted(value for value in named if value is not None) == pytest.approx(sorted(map(float, true)))
    sectors = {cell.value for cell in book["Bidang"]["D"][1:]}
    assert "Pekerjaan umum" in sectors
    assert "pekerjaan_umum" not in sectors
    links = {
        cell.hyperlink.location for row in book["Baca dulu"].iter_rows() for cell in row if cell.hyperlink
    }
    assert links == {f"'{page.title}'!A1" for page in book.worksheets[1:]}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")
def test_a_portal_finds_what_dcat_demands(exported: Path) -> None:
    graph = rdflib.Graph().parse(exported / "catalogue.jsonld", format="json-ld")
    prefixes = "prefix dcat: <http://www.w3.org/ns/dcat#> prefix dct: <http://purl.org/dc/terms/>"
    for kind, owed in {
        "dcat:Catalog": ("dct:title", "dct:description", "dct:publisher", "dcat:dataset"),
        "dcat:Dataset": ("dct:title", "dct:description", "dct:publisher", "dcat:distribution"),
        "dcat:Distribution": ("dcat:accessURL", "dct:license", "dct:format", "dcat:byteSize"),
    }.items():
        counted = graph.query(f"{prefixes} select (count(*) as ?n) {{ ?it a {kind} }}")
        assert int(next(iter(counted))[0]) > 0
        for term in owed:
            without = f"{prefixes} ask {{ ?it a {kind} filter not exists {{ ?it {term} ?value }} }}"
            assert not graph.query(without).askAnswer, (kind, term)
    sizes = graph.query(f"{prefixes} select ?u ?b {{ ?d dcat:downloadURL ?u; dcat:byteSize ?b }}")
    found = {str(address).removeprefix(f"{BASE}/"): int(size) for address, size in sizes}
    assert found == {path: (exported / path).stat().st_size for path in found}
    described = {"catalogue.jsonld", "data.json", "datapackage.json"}
    assert set(found) == set(files(exported)) - described


def _dcat_faults(catalogue: Path) -> list[str]:
    """What the shapes of DCAT-AP find in a catalogue: its properties, and what these may point at."""
    graph = rdflib.Graph().parse(catalogue, format="json-ld")
    found = []
    for shapes in ("shapes.ttl", "range.ttl"):
        conforms, _, text = pyshacl.validate(graph, shacl_graph=str(DCAT_AP / shapes), inference="none")
        found += [] if conforms else [text]
    return found


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph", "ignore:Dataset:DeprecationWarning")
def test_the_catalogue_is_of_the_shapes_of_dcat_ap(exported: Path, tmp_path: Path) -> None:
    assert _dcat_faults(exported / "catalogue.jsonld") == []
    broken = json.loads((exported / "catalogue.jsonld").read_text(encoding="utf-8"))
    broken["dcat:dataset"] = broken["dcat:dataset"][:1]
    first = broken["dcat:dataset"][0]
    del first["dct:description"]
    first["dcat:distribution"][0]["dcat:byteSize"]["@type"] = "xsd:nonNegativeInteger"
    (tmp_path / "broken.jsonld").write_text(json.dumps(broken), encoding="utf-8")
    (text,) = _dcat_faults(tmp_path / "broken.jsonld")
    assert "dcat:byteSize" in text
    assert "dct:description" in text


def test_satu_data_finds_every_file_with_its_hash(exported: Path) -> None:
    catalogue = json.loads((exported / "data.json").read_text(encoding="utf-8"))
    schema = json.loads(POD_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(catalogue, schema)
    hashes = files(exported)
    named = [file for dataset in catalogue["dataset"] for file in dataset["distribution"]]
    for file in named:
        path = file["downloadURL"].removeprefix(f"{BASE}/")
        assert file["checksum"]["checksumValue"] == hashes[path]
        assert file["byteSize"] == (exported / path).stat().st_size
    assert len(named) == len(hashes) - 3
    described = [file["describedBy"] for file in named if "describedBy" in file]
    assert {path.removeprefix(f"{BASE}/") for path in described} == {"datapackage.json", sdmx.MESSAGE}
    without_context = {name: value for name, value in catalogue.items() if name != "@context"}
    named[0]["mediaType"] += "; version=2.0.0"
    for broken in (without_context, catalogue):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)


BY_LIST = {
    **{"FREQ": "CL_FREQ", "REF_AREA": "CL_AREA", "TIER": "CL_TIER", "SECTOR": "CL_SECTOR"},
    **{"OBS_STATUS": "CL_OBS_STATUS", "UNIT_MEASURE": "CL_UNIT", "METHOD": "CL_METHOD"},
    **{"BAND": "CL_BAND", "BASIS": "CL_BASIS"},
}
"""The code list of each column of SDMX."""


def _as_published(home: Path) -> dict[tuple[str, ...], Decimal | None]:
    """Every index of the release, by region, tier, sector and quarter as SDMX has them."""
    current = home / "published" / "current"
    found = {}
    for table in ("mart_region_score", "mart_sector_score"):
        for row in query(
            f"select own.*, regions.level from '{current}/{table}.parquet' as own"
            f" inner join '{current}/mart_region_score.parquet' as regions"
            " using (region_code, period) where own.method_version is not null"
        ):
            tier = "province" if row["level"] == "province" else "regency_city"
            key = (row["region_code"].replace(".", "_"), tier, row.get("sector_code", "_T"), row["period"])
            found[key] = row["index"]
    for row in query(f"from '{current}/mart_national_score.parquet' where method_version is not null"):
        tiers = ("province", "regency_city")
        tier = row["scope"] if row["scope"] in tiers else "_T"
        sector = "_T" if row["scope"] in (*tiers, "national") else row["scope"]
        found["ID", tier, sector, row["period"]] = row["index"]
    return found


def _faults(observed: Cells, codes: dict[str, set[str]], owed: set[str]) -> list[str]:
    """What of the data is not as the structure says: a code of no list, nothing where something is owed."""
    found = [
        f"{column} {row[column]}"
        for row in observed
        for column, allowed in codes.items()
        if row[column] not in allowed
    ]
    return found + [column for row in observed for column in owed if not row[column]]


def test_every_observation_of_sdmx_is_by_its_codes_and_as_published(home: Path, exported: Path) -> None:
    observed = cells(exported / sdmx.OBSERVATIONS)
    codes: dict[str, set[str]] = {}
    for row in cells(exported / sdmx.CODES):
        assert re.fullmatch(r"[A-Za-z0-9_@$-]+", row["code"])
        codes.setdefault(row["codelist"], set()).add(row["code"])
    periods = {row["period"] for row in query(f"from '{home}/published/current/dim_period.parquet'")}
    assert list(observed[0]) == list(sdmx.COLUMNS)
    for row in observed:
        assert (row["STRUCTURE"], row["STRUCTURE_ID"]) == ("dataflow", sdmx.STRUCTURE)
        assert row["TIME_PERIOD"] in periods
        assert (row["OBS_STATUS"] == "A") == (row["OBS_VALUE"] != "NaN")
    assert (
        _faults(observed, {column: codes[name] for column, name in BY_LIST.items()}, set(observed[0])) == []
    )
    keys = [tuple(row[dimension] for dimension in sdmx.DIMENSIONS) for row in observed]
    assert len(keys) == len(set(keys))


def test_pysdmx_takes_the_data_by_their_structure(home: Path, exported: Path) -> None:
    (dataset,) = pysdmx.io.get_datasets(exported / sdmx.OBSERVATIONS, exported / sdmx.MESSAGE)
    components = dataset.structure.components
    assert [one.id for one in components.dimensions] == list(sdmx.DIMENSIONS)
    columns = [column for column in sdmx.COLUMNS[3:] if column != "OBS_VALUE"]
    assert {one.id for one in components.attributes} == {*columns, "COMMENT_OBS"} - {*sdmx.DIMENSIONS}
    observed = dataset.data.to_dict("records")
    codes = {
        one.id: {code.id for code in one.enumeration} for one in components if one.enumeration is not None
    }
    assert codes.keys() == BY_LIST.keys()
    owed = {one.id for one in components if one.required}
    assert {"OBS_STATUS", "REF_AREA", "TIME_PERIOD"} <= owed
    assert _faults(observed, codes, owed) == []
    assert _faults([{**observed[0], "REF_AREA": "99_99"}], codes, owed) == ["REF_AREA 99_99"]
    read = {
        tuple(row[name] for name in sdmx.DIMENSIONS[1:]): Decimal(row["OBS_VALUE"])
        for row in observed
        if row["OBS_STATUS"] == "A"
    }
    assert read == {key: value for key, value in _as_published(home).items() if value is not None}
    assert len(read) > 50


def test_sdmx1_takes_the_data_by_their_structure(home: Path, exported: Path) -> None:
    message = sdmx1.read_sdmx(exported / sdmx.MESSAGE)
    structure = message.structure["DSD_SPM_INDEX"]
    assert message.dataflow["DF_SPM_INDEX"].structure is structure
    areas = message.codelist["CL_AREA"]
    assert areas["64_71"].parent is areas["64"]
    assert areas["64"].parent is areas["ID"]
    assert str(message.codelist["CL_SECTOR"]["kesehatan"].name.localizations) == (
        "{'id': 'Kesehatan', 'en': 'Health'}"
    )
    (data,) = sdmx1.read_sdmx(exported / sdmx.OBSERVATIONS, structure=structure).data
    listed = {
        one.id: {code.id for code in one.local_representation.enumerated}
        for one in (*structure.dimensions, *structure.attributes)
        if one.local_representation.enumerated is not None
    }
    assert listed.keys() == BY_LIST.keys()
    read: dict[tuple[str, ...], Decimal | None] = {}
    for one in data.obs:
        row = {name: value.value for name, value in one.dimension.values.items()}
        row |= {name: value.value for name, value in one.attached_attribute.items()}
        assert _faults([row], listed, set(row)) == []
        value = None if one.value == "NaN" else Decimal(one.value)
        read[tuple(row[name] for name in sdmx.DIMENSIONS[1:])] = value
    assert read == _as_published(home)


@pytest.mark.attack("personal data")
def test_no_text_of_a_region_gets_out(exported: Path, home: Path) -> None:
    held = b"".join(path.read_bytes() for path in (home / "published" / "current").glob("*.parquet"))
    assert NAME.encode() in held
    for path in sorted(exported.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        else:
            content = path.read_bytes() if path.is_file() else b""
        assert NAME.encode() not in content, path
    items = [row["item"] for row in cells(exported / "csv" / "fct_indicator.csv")]
    assert all(re.fullmatch("lainnya-[0-9a-f]{8}", item) for item in items)


@pytest.mark.attack("personal data")
def test_no_place_in_a_document_gets_out() -> None:
    for name in public_choice():
        assert {column for column in cards()[name].columns if column.endswith("_ref")} <= PLACES, name


def words_in(path: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """What a Parquet file says of its table, and of its columns."""
    schema = pq.read_schema(path)
    said = {name.decode(): text.decode() for name, text in schema.metadata.items()}
    columns = json.loads(said["spm.columns"])
    assert list(columns) == schema.names
    return said["spm.table"], columns


def _words_of_field(path: Path, column: str) -> dict[str, str]:
    """What Arrow says of one field of a Parquet file."""
    metadata = pq.read_schema(path).field(column).metadata
    return {name.decode(): text.decode() for name, text in metadata.items()}


def test_parquet_of_the_export_is_typed_and_says_what_its_columns_are(exported: Path) -> None:
    for table, public in public_choice().items():
        path = exported / "parquet" / f"{table}.parquet"
        rows = cells(exported / "csv" / f"{table}.csv")
        assert pq.read_metadata(path).num_rows == len(rows), table
        assert set(pq.read_schema(path).names).isdisjoint({*public.out, *PLACES})
    path = exported / "parquet" / "mart_region_score.parquet"
    assert _words_of_field(path, "index") == words_of("mart_region_score", "index")
    read = {(row["region_code"], row["period"]): row["index"] for row in pq.read_table(path).to_pylist()}
    assert read == {
        (row["region_code"], row["period"]): Decimal(row["index"]) if row["index"] else None
        for row in cells(exported / "csv" / "mart_region_score.csv")
    }


def test_parquet_database_and_package_say_what_the_dictionary_says(
    home: Path, exported: Path, good_build: Candidate
) -> None:
    folder = home / "published" / "current"
    own = [folder / f"{table}.parquet" for table in cards().keys() - marts().keys()]
    with duckdb.connect(str(folder / "spm.duckdb"), read_only=True) as connection:
        commented = connection.execute("select table_name, column_name, comment from duckdb_columns()")
        comments = {(table, column): comment for table, column, comment in commented.fetchall()}
    for path in [*map(good_build.file, good_build.tables), *own]:
        comment, columns = words_in(path)
        assert comment == cards()[path.stem].comment
        for column, words in columns.items():
            assert words == words_of(path.stem, column)
            assert _words_of_field(path, column) == words
            assert comments[path.stem, column] == column_comment(path.stem, column)
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        table = Path(resource["path"]).stem
        for column in resource["schema"]["fields"]:
            assert column["title"] == words_of(table, column["name"])["label_id"]
            assert column["aggregation"] == words_of(table, column["name"])["aggregation"]


def test_the_parts_of_completeness_stand_beside_it(good_build: Candidate) -> None:
    rows = query(
        f"select completeness, services_answered / services_owed as share"
        f" from '{good_build.file('mart_compliance')}'"
    )
    known = [row for row in rows if row["completeness"] is not None or row["share"] is not None]
    assert known
    for row in known:
        assert float(row["completeness"]) == pytest.approx(row["share"], abs=1e-6)
