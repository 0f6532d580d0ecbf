"""Files as offices write them: what has one reading is read, and a file that has none says so, alone too."""

from __future__ import annotations

from pathlib import Path

from pipelines.build.check_files import check_files, readings_of
from pipelines.submissions.rows import COLUMNS
from tests.integration.home import build_marts, query

HEADER = ",".join(COLUMNS)
ROW = "achievement,64.71,2024-Q4,kesehatan,K-KES-{:02},recipients,,orang,1000,{},,"


def _fatal(folder: Path, **files: bytes) -> dict[str, list[tuple[str, str, str | None]]]:
    """The fatal findings of each file (rule, value, region), of all that were checked together."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)
    findings = check_files(readings_of(sorted(folder.glob("*.csv"))))
    found: dict[str, list[tuple[str, str, str | None]]] = {name: [] for name in files}
    for finding in findings:
        if finding["severity"] == "fatal":
            place = finding["rule_id"], finding["value"], finding["region_code"]
            found[Path(finding["document"]).stem].append(place)
    return found


def _lines(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()


def test_what_offices_write_around_rows_is_no_finding(tmp_path: Path) -> None:
    good = _lines(HEADER, ROW.format(1, 950))
    title = _lines(
        "LAPORAN SPM;;;", "Triwulan IV Tahun 2024;;", *good.decode().replace(",", ";").split("\r\n")
    )
    found = _fatal(
        tmp_path,
        unicode_text=good.decode().replace(",", "\t").encode("utf-16"),
        sep_line=b"sep=;\r\n" + good.replace(b",", b";"),
        title_rows=title,
        excel_blocks=_lines(HEADER, *(ROW.format(at, 900 + at).removesuffix(",,") for at in (2, 3))),
        doubled=_lines(HEADER, *(ROW.format(at, 900 + at) + "," for at in (4, 5))),
        quarters=_lines(HEADER, *(ROW.format(6, 1).replace("2024-Q4", text) for text in ("IV/2024",))),
        invisible=_lines(
            "\ufeff" + HEADER, ROW.format(7, "\u200b9\u00ad51\u00a0").replace("64.71", "\u202a64.71\u202c")
        ),
    )
    assert found == {name: [] for name in found}


def test_a_file_whose_only_quarter_cannot_be_read_says_so_alone(tmp_path: Path) -> None:
    found = _fatal(tmp_path, lonely=_lines(HEADER, ROW.format(1, 950).replace("2024-Q4", "TW V 2024")))
    assert [(rule, value) for rule, value, _ in found["lonely"]] == [("PER-001", "TW V 2024")]


def test_files_that_are_all_refused_say_so(tmp_path: Path) -> None:
    found = _fatal(
        tmp_path, empty=b"", web_page=b"<html><body>404</body></html>", other=b"kode;nama\r\n1;2\r\n"
    )
    assert {name: [rule for rule, _, _ in rules] for name, rules in found.items()} == {
        "empty": ["DOC-005"],
        "web_page": ["DOC-010"],
        "other": ["DOC-002"],
    }


def test_words_for_nothing_have_the_status_that_the_registry_gives_them() -> None:
    rows = [
        {"service": "K-KES-01", "target": "1000", "realised": "nihil"},
        {"service": "K-KES-02", "target": "1000", "realised": "–"},
        {"service": "K-KES-03", "target": "tdk ada", "realised": "0"},
        {"service": "K-KES-04", "target": "1000", "realised": "belum ada"},
        {"service": "K-KES-05", "target": "1000", "realised": "Rp -", "unit": "\\N", "sector": "NULL"},
    ]
    whose = {"record": "achievement", "region": "64.71", "period": "2024-Q4", "component": "recipients"}
    work_file = build_marts([whose | row for row in rows], models=["fct_indicator"])
    found = query(
        "select service_code, status, unit from marts.fct_indicator"
        " where region_code = '64.71' and component = 'recipients'"
        " and service_code between 'K-KES-01' and 'K-KES-05' order by service_code",
        work_file,
    )
    assert [(row["service_code"], row["status"], row["unit"]) for row in found] == [
        ("K-KES-01", "zero", None),
        ("K-KES-02", "missing", None),
        ("K-KES-03", "not_applicable", None),
        ("K-KES-04", "missing", None),
        ("K-KES-05", "missing", None),
    ]


def test_a_row_whose_quarter_cannot_be_read_is_told_to_its_region(tmp_path: Path) -> None:
    found = _fatal(
        tmp_path,
        rows=_lines(HEADER, ROW.format(1, 950), ROW.format(2, 950).replace("2024-Q4", "Semester II 2024")),
    )
    assert found["rows"] == [("PER-001", "Semester II 2024", "64.71")]
