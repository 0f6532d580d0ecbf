"""What a fuzz run once found, each in its smallest form, and a few made-up inputs of every target."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pipelines.readers.child import read_in_child
from pipelines.readers.dispatch import read_document
from pipelines.registry.seeds import SEEDS, RegistryError, read_seed
from pipelines.settings import Limits
from pipelines.sources.config import SourcesError, load_sources
from pipelines.submissions.extract import REFUSED
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject
from tests.attack.fuzz.documents import LAYOUTS
from tests.attack.fuzz.sources_file import SHAPES
from tests.attack.fuzz.targets import TARGETS
from tests.attack.fuzz.worker import input_of, tried

pytestmark = pytest.mark.attack("kept inputs")

ONE_SOURCE = "sources:\n- name: inbox\n  kind: csv\n  path: x\n"
SOURCES = {
    **{f"shape {number}": text for number, text in enumerate(SHAPES)},
    "a column of 40,000 letters": ONE_SOURCE + f"  columns: {{x: {'A' * 40_000}}}\n",
    "forty unknown keys": ONE_SOURCE + "".join(f"  key_{n}: {'B' * 900}\n" for n in range(40)),
    "a name of several lines": 'sources:\n- name: "a\\n\\e[2Jb"\n  kind: csv\n  path: x\n',
    "a kind without an end": f"sources:\n- name: x\n  kind: {'k' * 30_000}\n",
    "a key of the file": f"{'k' * 30_000}: 1\nsources:\n- name: x\n",
    "two megabytes": ONE_SOURCE + "#" * 2_000_000,
}


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_a_sources_file_is_refused_in_one_line_of_bounded_length(text: str, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SourcesError) as refused:
        load_sources(tmp_path / "sources.yaml")
    said = str(refused.value)
    assert said.isprintable()
    assert len(said) < 10_000


def test_an_anchor_that_stands_for_little_is_read(tmp_path: Path) -> None:
    text = ONE_SOURCE.replace("path: x", "path: &p x") + "- name: other\n  kind: csv\n  path: *p\n"
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    assert [source.name for source in load_sources(tmp_path / "sources.yaml")] == ["inbox", "other"]


def _registry(folder: Path, seed: str, content: bytes) -> Path:
    for path in SEEDS.glob("*.csv"):
        (folder / path.name).symlink_to(path)
    (folder / f"{seed}.csv").unlink()
    (folder / f"{seed}.csv").write_bytes(content)
    return folder


def _counts(*, without: str) -> bytes:
    lines = (SEEDS / "counts_by_province.csv").read_bytes().splitlines(keepends=True)
    column = next(csv.reader([lines[0].decode()])).index("province_code")
    return b"".join(line for line in lines if next(csv.reader([line.decode()]))[column] != without)


REGISTRY = {
    "no row ALL": ("counts_by_province", _counts(without="ALL")),
    "a cell of 200,000 letters": ("regions", (SEEDS / "regions.csv").read_bytes() + b'"' + b"x" * 200_000),
    "a code that is a control letter": (
        "region_changes",
        (SEEDS / "region_changes.csv").read_bytes() + b"\x00,36,2022-12-08,recode,UU 1,x\n",
    ),
}


@pytest.mark.parametrize(("seed", "content"), REGISTRY.values(), ids=REGISTRY)
def test_a_seed_is_refused_by_lines_that_are_letters(seed: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as refused:
        list(read_seed(seed, _registry(tmp_path, seed, content)))
    for line in str(refused.value).split("\n"):
        assert line.isprintable()
        assert ".csv" in line or "faults more" in line


EXTRACTS = {
    "a line that is cut": b'{"region":"64.71","per',
    "a line that is no object": b'{"region":"64.71"}\n[1]\n',
    "lists without an end": b'{"a":' + b"[" * 100_000 + b"\n",
    "a refusal without its place": json.dumps({REFUSED: "x"}).encode(),
}


@pytest.mark.parametrize("content", EXTRACTS.values(), ids=EXTRACTS)
def test_an_extract_that_we_did_not_write_is_refused(content: bytes) -> None:
    reading = read_document(RawFile("x", content), ReadingSpec(name="x", kind="rest"), Limits())
    assert isinstance(reading, Reject)
    assert reading.rule_id in {"DOC-001", "DOC-006"}


def test_a_row_of_a_hundred_cells_under_five_labels_is_read_in_the_memory_of_a_reader() -> None:
    """It took all of it: each column had its buffers for as long as the query of the table ran."""
    source = next(one for one in load_sources(LAYOUTS / "sources.yaml") if one.name == "poin")
    spec = ReadingSpec.from_json(source.canonical_json())
    honest = (LAYOUTS / "o18_parts_as_points.csv").read_bytes().rstrip(b"\r\n")
    wide = read_in_child(RawFile("x.csv", honest + b",Prov. Contoh" * 100), spec, Limits())
    narrow = read_in_child(RawFile("x.csv", honest), spec, Limits())
    assert not isinstance(wide, Reject)
    assert not isinstance(narrow, Reject)
    assert wide.drop_columns(["reject_text"]).to_pylist() == narrow.drop_columns(["reject_text"]).to_pylist()


@pytest.mark.parametrize("name", ["guard", "sources file", "registry rows"])
def test_a_few_inputs_of_a_target_hold(name: str, tmp_path: Path) -> None:
    target = TARGETS[name][0]
    for number in range(15):
        assert tried(target, input_of(target, 2026, number), tmp_path / "attempt") is None
