"""What is typed in LibreOffice comes back from the cell it was typed in, though every byte is rewritten."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.readers.documents import workbook
from pipelines.registry.periods import Period
from pipelines.reports.region_form import write_region_form
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice (soffice) is not installed: apt install libreoffice-calc python3-uno"
)
SECONDS = 120
Typed = dict[str, float | str]

# run by a Python that has LibreOffice's bridge: types into cells as a person does, then saves as .xlsx
TYPE_IN = """
import json, os, sys, time
import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

def connected(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.2)

def option(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made

pipe, source, target, typed = sys.argv[1:]
context = connected(pipe)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
opened = uno.systemPathToFileUrl(source)
document = desktop.loadComponentFromURL(opened, "_blank", 0, (option("Hidden", True),))
for place, value in json.load(open(typed)).items():
    sheet, cell = place.split("!")
    at = document.Sheets.getByName(sheet).getCellRangeByName(cell)
    at.setFormula(value) if isinstance(value, str) else at.setValue(value)
document.storeToURL(uno.systemPathToFileUrl(target), (option("FilterName", "Calc MS Excel 2007 XML"),))
document.close(True)
os._exit(0)  # the bridge can crash while Python takes it down
"""


def _command(folder: Path) -> list[str]:
    """LibreOffice with a profile of its own, so that no other instance answers in its place."""
    return [
        str(SOFFICE),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
    ]


def _python_with_bridge() -> str | None:
    """LibreOffice's own Python, or the system's: not that of the tests, which has no bridge."""
    own = Path(SOFFICE or "").resolve().parent / "python"
    for python in (shutil.which(own), shutil.which("python3", path=os.defpath)):
        if (
            python
            and subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0
        ):
            return python
    return None


def _typed_in(form: Path, typed: Typed) -> Path:
    python = _python_with_bridge()
    if python is None:
        pytest.skip("no Python with LibreOffice's bridge (import uno): apt install python3-uno")
    target, pipe = form.with_name("typed.xlsx"), f"spm-{os.getpid()}"
    entries = form.with_name("typed.json")
    entries.write_text(json.dumps(typed))
    listening = [*_command(form.parent), f"--accept=pipe,name={pipe};urp;"]
    office = subprocess.Popen(listening, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        subprocess.run([python, "-c", TYPE_IN, pipe, form, target, entries], check=True, timeout=SECONDS)
    finally:
        # asked to end, LibreOffice may cut the line before it answers: end its process group instead
        os.killpg(office.pid, signal.SIGKILL)
        office.wait()
    return target


def _rewritten(book: openpyxl.Workbook, folder: Path) -> Path:
    """The workbook as LibreOffice saves it after opening it."""
    book.save(folder / "filled.xlsx")
    arguments = [
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        folder / "out",
        folder / "filled.xlsx",
    ]
    subprocess.run([*_command(folder), *arguments], check=True, timeout=SECONDS, capture_output=True)
    return folder / "out" / "filled.xlsx"


def _read(path: Path) -> list[dict[str, Any]]:
    table = workbook.read(RawFile(path.name, path.read_bytes()), ReadingSpec(name="daerah", kind="workbook"))
    assert not isinstance(table, Reject), table
    return table.to_pylist()


def _by_place(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The text of every value cell that holds one."""
    fields = ("target", "realised")
    return {row[f"{field}_place"]: row[field] for row in rows for field in fields if row[field]}


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """An empty form of a city."""
    return write_region_form("64.71", Period(2025, 1), tmp_path)


def test_every_value_typed_comes_back_from_its_cell(form: Path) -> None:
    asked = _read(form)
    places = [
        row[f"{field}_place"] for row in asked for field in ("target", "realised") if row[f"{field}_place"]
    ]
    typed: Typed = {place: number + 0.25 for number, place in enumerate(places, start=1)}
    typed |= {
        "Pendidikan!G6": "tidak ada",
        "Pendidikan!H6": "1.234,5",
        "Kesehatan!H6": "=2+3",
        "Sosial!H6": "=1/0",
    }
    back = _read(_typed_in(form, typed))
    assert _by_place(back) == {place: str(value) for place, value in typed.items()} | {
        "Kesehatan!H6": "5",
        "Sosial!H6": "#DIV/0!",
    }
    keys = ("record", "sector", "service", "component", "item", "row_place")
    assert [[row[key] for key in keys] for row in back] == [[row[key] for key in keys] for row in asked]


def test_percents_dates_and_formulas_come_back_from_a_rewritten_file(form: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(form)
    page = book["Kesehatan"]
    page["G6"], page["H6"] = 1, 0.985
    page["G6"].number_format, page["H6"].number_format = "0%", "0.0%"
    page["G7"], page["H7"] = 40, "=G7/4"
    page["G8"] = date(2025, 2, 1)
    back = _by_place(_read(_rewritten(book, tmp_path)))
    assert back == {
        "Kesehatan!G6": "100",
        "Kesehatan!H6": "98.5",
        "Kesehatan!G7": "40",
        "Kesehatan!H7": "10",
        "Kesehatan!G8": "2025-02-01",
    }
