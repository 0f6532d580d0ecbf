"""What a sender chooses is read in time that grows as its length does: ratios are compared, not seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.readers.documents import csv, grids, workbook_xml
from pipelines.readers.guard import far_cells
from pipelines.readers.guard import workbook as guard
from pipelines.registry.written_periods import written_period
from pipelines.sources.rest.answer import Misshapen, NotJson, parsed
from pipelines.sources.rest.pages import _next_link
from pipelines.submissions import patterns
from pipelines.submissions.patterns import pattern
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile

pytestmark = pytest.mark.attack("memory and time")

Look = Callable[[Any], object]
SPEC = ReadingSpec(name="uji", kind="csv")
HEADER = b"record,region,period,target,realised,note\n"
# fresh it opens a quote, within one it closes and opens another: each line would swallow all those after it
SWALLOWS = b'a",x,"b'


def _read(content: bytes) -> object:
    return csv.read(RawFile("uji.csv", content), SPEC)


def _shown(content: bytes) -> object:
    return grids.of_csv(RawFile("uji.csv", content), SPEC)


def _json(content: bytes) -> object:
    try:
        return parsed(content)
    except (Misshapen, NotJson):
        return None


def _repeated(piece: Any, begin: Any = b"") -> Callable[[int], Any]:
    return lambda size: (begin or piece[:0]) + piece * (size // len(piece))


def _cell_of(piece: str) -> Callable[[int], str]:
    # what is longer than a cell holds fits no pattern
    return lambda size: piece * (size // 32 // len(piece))


def _in_long_lines(size: int) -> bytes:
    return HEADER + (SWALLOWS + b"y" * (size // 100) + b"\n") * 100


def _named_twice(size: int) -> bytes:
    names = [f'"{number}":1' for number in range(size // 10)]
    return ("{" + ",".join([*names, names[-1]]) + "}").encode()


LOOKS: dict[str, tuple[Look, Callable[[int], Any]]] = {
    "guard: cells without an end": (far_cells._ROW_OR_CELL.findall, _repeated(b"<c ")),
    "guard: rows without an end": (far_cells._ROW_OR_CELL.findall, _repeated(b"<row a")),
    "guard: formulas without an end": (guard._DDE.findall, _repeated(b"<f ")),
    "guard: formulas of bars": (guard._DDE.findall, _repeated(b"<f>|")),
    "xml: cells that nothing closes": (workbook_xml._CELL.findall, _repeated(b"<c a>")),
    "xml: cells without an end": (workbook_xml._CELL.findall, _repeated(b"<c a")),
    "xml: values without an end": (workbook_xml._VALUE.findall, _repeated(b"<v")),
    "xml: sheets without an end": (workbook_xml._SHEET.findall, _repeated("<sheet ")),
    "xml: relations without an end": (workbook_xml._RELATION.findall, _repeated("<Relationship ")),
    "xml: a name without a value": (workbook_xml._ATTRIBUTE.findall, _repeated("a")),
    "xml: formats that nothing closes": (workbook_xml._CELL_FORMATS.findall, _repeated("<cellXfs>")),
    "xml: a format without an end": (workbook_xml._CELL_FORMAT.findall, _repeated("<xf ")),
    "xml: a number format without an end": (workbook_xml._NUMBER_FORMAT.findall, _repeated("<numFmt ")),
    "xml: brackets of a number format": (workbook_xml._LITERAL.findall, _repeated("[")),
    "xml: percents within a quote": (workbook_xml._SHOWN_LITERAL.findall, _repeated("%", '"')),
    "csv: each line swallows the others": (_read, _repeated(SWALLOWS + b"\n", HEADER)),
    "csv: a hundred such lines": (_read, _in_long_lines),
    "csv: one quote that nobody closes": (_read, _repeated(b"a,", HEADER + b'"')),
    "csv: shown to its sender": (_shown, _repeated(b"a,", HEADER + b'"')),
    "api: a link without an end": (_next_link, _repeated("<")),
    "api: parameters without an end": (_next_link, _repeated("; a", "<a>")),
    "api: a quoted parameter without an end": (_next_link, _repeated("\\a", '<a>; a="')),
    "api: a name that stands twice": (_json, _named_twice),
    "layout: a pattern of anything": (pattern("*a*a*a*b").match, _cell_of("a")),
    "layout: a pattern of words": (pattern("{x} {y} {z} b").match, _cell_of("a ")),
    "layout: a pattern of numbers": (pattern("*{number}*{number}x").match, _cell_of("1")),
    "a period": (written_period, _repeated("tw")),
}


@pytest.mark.parametrize("name", LOOKS)
def test_ten_times_the_text_takes_about_ten_times_as_long(name: str) -> None:
    look, of_size = LOOKS[name]
    seconds = []
    for size in (10_000, 100_000, 1_000_000):
        text = of_size(size)
        begun = time.process_time()
        look(text)
        seconds.append(time.process_time() - begun)
        # what is quadratic takes a hundred times as long; below ten milliseconds nothing can be told
        assert seconds[-1] < 30 * max([0.01, *seconds[-2:-1]]), seconds


def test_a_quote_that_is_closed_later_is_read_as_before() -> None:
    rows = b'achievement,64.71,2024-Q4,10,9,"satu\ndua, ""tiga"""\n' * 50
    found = _read(HEADER + rows)
    assert found["note"].to_pylist() == ['satu\ndua, "tiga"'] * 50  # type: ignore[index]


WORDS = ["{year}", "{quarter}", "{month}", "{number}", "{nama}", "{x}"]
PIECES = [*WORDS, "*", "tw ", "a", " ", "1", " (", "ii"]
LETTERS = ["a", "A", " ", "1", "2", "2024", "tw", "TW ", "i", "ii", "iii", "maret", "target", "(", ")", "é"]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    written=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
    text=st.lists(st.sampled_from(LETTERS), max_size=8).map("".join).map(patterns._even),
)
def test_a_long_text_is_matched_as_a_short_one_is(written: str, text: str) -> None:
    assume(all(written.count(f"{{{name}}}") < 2 for name in ("year", "quarter", "month", "nama", "x")))
    found = re.fullmatch(pattern(written).expression, text, re.IGNORECASE | re.DOTALL)
    assert patterns._linear_match(patterns._steps(written), text) == (found and list(found.groups()))
