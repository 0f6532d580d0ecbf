"""Every hostile document is refused with its reason, the honest ones beside it are read, and the process
that receives them unpacks nothing: its memory stays small, and no document ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.readers import child
from pipelines.readers.reading import read_documents
from pipelines.settings import MB, PROJECT_DIR, Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject
from tests.hostile.corpus import HOSTILE
from tests.hostile.forms import HEADER, ROW, big_form, good_form

pytestmark = pytest.mark.attack("hostile documents")

LIMITS = Limits()
WORKBOOK = ReadingSpec(name="daerah", kind="workbook")
CSV = ReadingSpec(name="dinas", kind="csv")
MOST_MIB = 300
READ_ALL = """
import json, sys
from pathlib import Path
from pipelines.readers.reading import read_documents
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject

said = {}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    files = (RawFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir()))
    for file, reading in read_documents(files, ReadingSpec(name="x", kind=folder.name), 2):
        is_reject = isinstance(reading, Reject)
        said[file.name] = [reading.rule_id, reading.place, reading.value] if is_reject else len(reading)
# not getrusage: its peak starts with that of the process that started this one
status = Path("/proc/self/status").read_text().split()
print(json.dumps([said, int(status[status.index("VmHWM:") + 1]) // 1024]))
"""


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """What a process says of each document of the corpus and of one honest form, and its peak in MiB."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, hostile in HOSTILE.items():
        path = folder / hostile.kind / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(hostile.make())
    (folder / "workbook" / "honest").write_bytes(good_form())
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(folder)],
        cwd=PROJECT_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    said, peak = json.loads(done.stdout)
    return said, peak


def _read(files: list[RawFile], limits: Limits = LIMITS, spec: ReadingSpec = WORKBOOK) -> list[Reading]:
    return [reading for _, reading in read_documents(files, spec, 2, limits)]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_its_reason(
    received: tuple[dict[str, Any], int], name: str
) -> None:
    hostile, said = HOSTILE[name], received[0][name]
    assert isinstance(said, list), f"{said} rows were read"
    rule_id, place, value = said
    assert rule_id == hostile.rule_id, said
    assert hostile.says in place + value, said


def test_an_honest_document_among_hostile_ones_is_read(received: tuple[dict[str, Any], int]) -> None:
    assert received[0]["honest"] == 1


def test_the_process_that_receives_stays_small(received: tuple[dict[str, Any], int]) -> None:
    assert received[1] < MOST_MIB


def test_an_honest_workbook_of_ten_megabytes_is_read_within_the_limits() -> None:
    content = big_form(75_000)
    assert len(content) > 10 * MB
    (table,) = _read([RawFile("besar.xlsx", content)])
    assert not isinstance(table, Reject), table
    assert len(table) == 75_001


def test_a_document_that_takes_too_long_is_refused_and_the_others_are_read_in_order() -> None:
    files = [RawFile(f"{number}.csv", HEADER + ROW * number) for number in range(1, 13)]
    # each line opens a quote that nobody closes, and is looked at with the lines after it
    files[3] = RawFile("lama.csv", HEADER + b'"\n' * 1_500_000)
    readings = _read(files, replace(Limits(), parse_seconds=2), CSV)
    assert readings.pop(3) == Reject("DOC-016", "", "> 2 detik / seconds")
    rows = [len(reading) for reading in readings if not isinstance(reading, Reject)]
    assert rows == [number for number in range(1, 13) if number != 4]


def test_a_document_beyond_the_memory_is_refused_and_the_next_one_is_read() -> None:
    files = [RawFile("besar.xlsx", big_form(40_000)), RawFile("kecil.xlsx", good_form())]
    large, small = _read(files, replace(Limits(), parse_memory_bytes=48 * MB))
    assert isinstance(large, Reject)
    assert large.rule_id == "DOC-016"
    assert not isinstance(small, Reject)


def test_a_reader_that_is_killed_costs_no_document() -> None:
    _read([RawFile("a.xlsx", good_form())])
    for process in _children():
        os.kill(process, signal.SIGKILL)
    (reading,) = _read([RawFile("b.xlsx", good_form())])
    assert not isinstance(reading, Reject)


def test_a_reader_has_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    child.end_children()
    monkeypatch.setenv("ESPM_TOKEN", "rahasia")
    _read([RawFile("a.xlsx", good_form())])
    environments = [Path(f"/proc/{process}/environ").read_bytes() for process in _children()]
    assert environments
    assert not any(b"rahasia" in environment for environment in environments)


def _children() -> list[int]:
    """The reading processes of this process."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [int(pid) for path in listed for pid in path.read_text().split()]
    return [pid for pid in pids if b"child_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
