"""What calamine does not tell of an .xlsx file, from its XML: cells without a value, cells shown as percents.

Known quirks: a formula without its value, and an error, come back as blanks; a cell that shows 98 % comes
back as 0.98, or as 98 where the sign is only text of its format: a number like any other.

Put here: looks at the cells' markup. Keep out: the form (``workbook``), what is refused before (``guard``).
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from html import unescape

from pipelines.messages import say

FORMULA = "#FORMULA"
"""The text given for a formula whose value the file does not hold."""

# what zipfile raises on a damaged archive: it has no one exception for that
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    ValueError,
)
# each expression reads a part once, however it is crafted: a tag ends before the next `<`, a name begins
# where no letter stands before it, and what is never closed reaches to the end
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_LINK = re.compile(r"<(?:\w+:)?hyperlink\s[^<>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(r"(?<![\w:])([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*[^/<>])>(.*?)(?:</(?:\w+:)?c>|\Z)", re.DOTALL)
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_ERROR = re.compile(rb"t=[\"']e[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
# two searches, not one: each begins with fixed bytes and is ten times as fast
_FORMULA_TAGS = (re.compile(rb"<f[\s>/]"), re.compile(rb":f[\s>/]"))
_VALUE = re.compile(rb"<(?:\w+:)?v[^<>]*>([^<]+)<")
_STYLE = re.compile(rb"\bs=[\"'](\d+)[\"']")
_STYLES_TYPE = "/relationships/styles"
_CELL_FORMATS = re.compile(r"<(?:\w+:)?cellXfs\b.*?(?:</(?:\w+:)?cellXfs>|\Z)", re.DOTALL)
_CELL_FORMAT = re.compile(r"<(?:\w+:)?xf\s[^<>]*>")
_NUMBER_FORMAT = re.compile(r"<(?:\w+:)?numFmt\s[^<>]*>")
# texts, escaped characters, blanks as wide as a character, characters repeated, colours and conditions
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[[^\[\]]*\]')
_SHOWN_LITERAL = re.compile(r'"[^"%]*%[^"]*"|\\%')
_BUILT_IN_PERCENTS = {"9", "10"}


class DamagedWorkbook(Exception):
    """The file is no .xlsx workbook, or damaged; the message completes rule DOC-001."""


class WorkbookXml:
    """The archive behind a workbook; ``parts`` has the part of each sheet, by its name.

    Raises:
        DamagedWorkbook: not an .xlsx archive, or damaged.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            self._relations = list(
                map(_attributes, _RELATION.findall(self._text("xl/_rels/workbook.xml.rels")))
            )
            self.parts = self._sheet_parts()
            self._percent_styles = self._styles_of_percents()
        except _DAMAGE as error:
            raise DamagedWorkbook(f".xlsx ({say('reading.another_kind')})") from error

    def cells_without_value(self, sheet: str) -> dict[tuple[int, int], str]:
        """Cells (row, column, from 0) with an error or an uncomputed formula, and the text to show for it.

        Raises:
            DamagedWorkbook: the sheet's part is damaged.
        """
        try:
            xml = self._archive.read(self.parts[sheet])
        except _DAMAGE as error:
            raise DamagedWorkbook(f".xlsx (lembar {sheet} {say('reading.damaged')})") from error
        if not _ERROR.search(xml) and not _has_formula(xml):
            return {}
        found: dict[tuple[int, int], str] = {}
        for attributes, body in _CELL.findall(xml):
            place, text = _PLACE.search(attributes), _text_without_value(attributes, body)
            if place and text:
                found[int(place[2]) - 1, column_number(place[1].decode()) - 1] = text
        return found

    def percent_cells(self, sheet: str) -> dict[tuple[int, int], bool]:
        """Cells (row, column, from 0) with content that show a %, and whether they show 0.98 as 98 %."""
        if not self._percent_styles:
            return {}
        found: dict[tuple[int, int], bool] = {}
        for attributes, body in _CELL.findall(self._archive.read(self.parts[sheet])):
            style, place = _STYLE.search(attributes), _PLACE.search(attributes)
            if body and style and place and style[1] in self._percent_styles:
                at = int(place[2]) - 1, column_number(place[1].decode()) - 1
                found[at] = self._percent_styles[style[1]]
        return found

    def links(self, sheet: str) -> list[tuple[str, str]]:
        """Cell and target of each link of a sheet that leads out of the workbook, in its order."""
        part = self.parts[sheet]
        relations = f"{posixpath.dirname(part)}/_rels/{posixpath.basename(part)}.rels"
        if relations not in self._archive.namelist():
            return []
        targets = {
            found["Id"]: found["Target"]
            for found in map(_attributes, _RELATION.findall(self._text(relations)))
            if found["Type"].endswith("/hyperlink") and found.get("TargetMode") == "External"
        }
        links = map(_attributes, _LINK.findall(self._text(part))) if targets else ()
        return [
            (found["ref"].partition(":")[0], targets[_relation_id(found)])
            for found in links
            if "ref" in found and targets.get(_relation_id(found))
        ]

    def _sheet_parts(self) -> dict[str, str]:
        """Name of each sheet to the name of its part in the archive."""
        targets = {found["Id"]: _part(found["Target"]) for found in self._relations}
        sheets = map(_attributes, _SHEET.findall(self._text("xl/workbook.xml")))
        return {found["name"]: targets[_relation_id(found)] for found in sheets}

    def _styles_of_percents(self) -> dict[bytes, bool]:
        """Numbers of the cell styles that show a percent (``percent_styles``); none without styles."""
        parts = [_part(found["Target"]) for found in self._relations if found["Type"].endswith(_STYLES_TYPE)]
        return percent_styles(self._text(parts[0])) if parts else {}

    def _text(self, part: str) -> str:
        return self._archive.read(part).decode("utf-8")


def percent_styles(styles: str) -> dict[bytes, bool]:
    """The cell formats in ``styles.xml``, by place from 0, that show a %.

    True: they show 0.98 as 98 %. False: their % is only text behind the number as it is.
    """
    formats = dict.fromkeys(_BUILT_IN_PERCENTS, True)
    for found in map(_attributes, _NUMBER_FORMAT.findall(styles)):
        code = found["formatCode"]
        if "%" in _LITERAL.sub("", code):
            formats[found["numFmtId"]] = True
        elif _SHOWN_LITERAL.search(code):
            formats[found["numFmtId"]] = False
    listed = _CELL_FORMATS.search(styles)
    cells = map(_attributes, _CELL_FORMAT.findall(listed[0] if listed else ""))
    numbers = (cell.get("numFmtId", "") for cell in cells)
    return {str(place).encode(): formats[number] for place, number in enumerate(numbers) if number in formats}


def column_number(letters: str) -> int:
    """The number of a column, from 1: ``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(position: int) -> str:
    """The letters of a column counted from 0: 0 is ``A``, 26 is ``AA``."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _has_formula(xml: bytes) -> bool:
    return any(tag.search(xml) for tag in _FORMULA_TAGS)


def _text_without_value(attributes: bytes, body: bytes) -> str:
    kind, value = _TYPE.search(attributes), _VALUE.search(body)
    if kind and kind[1] == b"e":
        return value[1].decode() if value else "#ERROR"
    # a formula that gave an empty text says so by its type
    uncomputed = _has_formula(body) and not value and not (kind and kind[1] == b"str")
    return FORMULA if uncomputed else ""


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}


def _part(target: str) -> str:
    """The name in the archive of what a relation of the workbook points at."""
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _relation_id(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")
