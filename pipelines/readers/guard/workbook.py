"""What an Excel package may hold before anybody reads it: sheets and texts, nothing that acts or reaches out.

Source: ECMA-376 parts 1 and 2. Parts are looked at one by one and let go, so memory is that of the largest.
XML is searched as bytes where it is large; where names and targets matter it is parsed (expat).

Put here: parts, relationships, markup, cells. Keep out: the container (``archive``).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from pipelines.messages import say
from pipelines.readers.guard.archive import Archive
from pipelines.readers.guard.content_type import OLE2, content_type
from pipelines.readers.guard.far_cells import FarCell, far_cells
from pipelines.readers.guard.refusal import Refused, refuse_all_but_excel, shown
from pipelines.settings import Limits

CONTENT_TYPES = "[Content_Types].xml"
BOOK = "xl/workbook.xml"
BOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
DEEPEST_XML = 64
_PLAIN_BOOK = "spreadsheetml.sheet.main+xml"
_OTHER_PACKAGES = {
    "wordprocessingml.document.main": "Word (.docx)",
    "presentationml.presentation.main": "PowerPoint (.pptx)",
    "ms-excel.sheet.binary": "Excel .xlsb",
    "spreadsheetml.template.main": f"{say('guard.excel_template')} (.xltx)",
}
_ACTIVE = (
    *("vbaproject", "vbadata", "macrosheet", "macroenabled", "dialogsheet", "activex", "oleobject"),
    *("embeddings/", "/package\n", "/control\n", "customui", "extensibility", "attachedtoolbars"),
    *("webextension", "attachedtemplate"),
)
_OUTSIDE = ("externallink", "/connections\n", "/connections.xml", "querytable", "xl/model/", "powerpivot")
_XML_NAMES = (".xml", ".rels", ".vml")
_XML_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_LONGEST_DECLARATION = 200
_FILES_INSIDE = ("program", "arsip", "skrip", "Office", ".xls", "basis data")
_ENCODING = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)")
_UTF8_NAMES = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LINK_SCHEMES = ("http", "https", "mailto", "file", "ftp")
"""Links of people, which nobody follows here. ``javascript:``, ``data:`` and the like are programs."""
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_SHORTEST_CELL = b"<c/>"
_DDE = re.compile(rb"<(?:\w+:)?(?:f|definedName)\b[^<>]*>[^<|]*\|[^<!]*!")


@dataclass(frozen=True, slots=True)
class _Relation:
    """One relationship of a part: its Id, Type and Target as written, and whether it is external."""

    id: str
    type: str
    target: str
    is_external: bool


def inspect(content: bytes, limits: Limits) -> list[FarCell]:
    """Look at every part of an Excel package; the cells that are not to be read are given back.

    Raises:
        Refused: the first reason found, DOC-001 or DOC-010 to DOC-015.
    """
    refuse_all_but_excel(content)
    archive = Archive(content, limits)
    names = archive.names
    _is_excel(archive)
    _refuse_by_words({name: [name] for name in names})
    sheet_sizes: dict[str, int] = {}
    stray: list[FarCell] = []
    relations: dict[str, list[_Relation]] = {}
    for name in names:
        part = archive.part(name)
        _inspect_part(name, part)
        if b"sheetData" in part:
            stray += far_cells(name, part, limits)
            sheet_sizes[name] = len(part)
        if name.lower().endswith(".rels"):
            relations[name] = _relations(name, part)
    _refuse_by_words({name: [relation.type for relation in found] for name, found in relations.items()})
    for name, found in relations.items():
        for relation in found:
            _inspect_target(name, relation)
    _sheets_are_there(archive, relations)
    if sum(sheet_sizes.values()) > limits.cells * len(_SHORTEST_CELL):
        cells = sum(1 for name in sheet_sizes for _ in _CELL.finditer(archive.part(name)))
        if cells > limits.cells:
            raise Refused("DOC-011", "", f"{cells} > {limits.cells} {say('guard.cells')}")
    return stray


def _is_excel(archive: Archive) -> None:
    names = archive.names
    if CONTENT_TYPES not in names:
        is_document = "mimetype" in names and "content.xml" in names
        name = "OpenDocument (.ods, .odt)" if is_document else f"{say('guard.archive')} ZIP"
        raise Refused("DOC-010", "", f"{name}, {say('guard.not')} .xlsx")
    declared: list[str] = []
    _parse(
        CONTENT_TYPES, archive.part(CONTENT_TYPES), lambda _, it: declared.append(it.get("ContentType", ""))
    )
    for kind in declared:
        for word, name in _OTHER_PACKAGES.items():
            if word in kind:
                raise Refused("DOC-010", "", f"{name}, {say('guard.not')} .xlsx")
    _refuse_by_words({CONTENT_TYPES: declared})
    if not any(kind.endswith(_PLAIN_BOOK) for kind in declared) or BOOK not in names:
        raise Refused("DOC-001", BOOK, f".xlsx ({say('guard.no_workbook')})")


def _refuse_by_words(texts: Mapping[str, list[str]]) -> None:
    """Refuse names and types that mean something active or outside; ``texts`` by the part they stand in."""
    for place, listed in texts.items():
        text = "\n".join([*listed, ""]).lower()
        for rule_id, words in (("DOC-013", _ACTIVE), ("DOC-014", _OUTSIDE)):
            if found := next((word for word in words if word in text), None):
                raise Refused(rule_id, shown(place), found.strip("/\n"))


def _inspect_part(name: str, part: bytes) -> None:
    is_named_xml = name.lower().endswith(_XML_NAMES)
    if not _XML_START.match(part):
        _inspect_other(name, part, is_named_xml)
        return
    encoding = _ENCODING.search(part, 0, _LONGEST_DECLARATION)
    # UTF-16 would hide every word that is searched for
    if (encoding and encoding[1].lower() not in _UTF8_NAMES) or b"\0" in part:
        raise _not_utf8(name)
    if b"<!DOCTYPE" in part:
        raise Refused("DOC-015", shown(name), "DOCTYPE")
    if b"|" in part and _DDE.search(part):
        raise Refused("DOC-014", shown(name), "DDE")


def _inspect_other(name: str, part: bytes, is_named_xml: bool) -> None:
    """A part that is no XML in UTF-8: a picture, perhaps, or something that should not be there."""
    found = content_type(part) or ""
    if part.startswith(OLE2) or found.startswith(_FILES_INSIDE):
        raise Refused("DOC-013", shown(name), say("guard.file_inside"))
    if is_named_xml and (b"\0" in part[:_LONGEST_DECLARATION] or found.endswith("UTF-16")):
        raise _not_utf8(name)
    if is_named_xml:
        raise _no_xml(name)


def _relations(name: str, part: bytes) -> list[_Relation]:
    found: list[_Relation] = []

    def add(element: str, attributes: Mapping[str, str]) -> None:
        if element == "Relationship":
            found.append(
                _Relation(
                    id=attributes.get("Id", ""),
                    type=attributes.get("Type", ""),
                    target=attributes.get("Target", ""),
                    is_external=attributes.get("TargetMode") == "External",
                )
            )

    _parse(name, part, add)
    return found


def _inspect_target(name: str, relation: _Relation) -> None:
    target = relation.target.strip()
    scheme = _SCHEME.match(target)
    if relation.is_external or scheme or target.startswith(("\\", "//")):
        is_link = relation.type.endswith("/hyperlink")
        # D:\bukti.pdf is a path, no scheme
        is_harmless = not scheme or len(scheme[1]) == 1 or scheme[1].lower() in _LINK_SCHEMES
        if not (is_link and is_harmless):
            raise Refused("DOC-014", shown(name), shown(target))
    elif _resolved(name, target).startswith(".."):
        raise Refused("DOC-015", shown(name), shown(target))


def _resolved(name: str, target: str) -> str:
    """The part that a target written in the relationships part ``name`` means; ``..`` first if none can."""
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    owner = posixpath.dirname(posixpath.dirname(name))
    return posixpath.normpath(posixpath.join(owner, target.partition("#")[0]))


def _sheets_are_there(archive: Archive, relations: Mapping[str, list[_Relation]]) -> None:
    wanted: list[str] = []

    def add(element: str, attributes: Mapping[str, str]) -> None:
        if element == "sheet":
            wanted.append(attributes.get("id", ""))

    _parse(BOOK, archive.part(BOOK), add)
    if not wanted:
        raise Refused("DOC-001", BOOK, f".xlsx ({say('guard.no_sheet')})")
    targets = {
        found.id: _resolved(BOOK_RELATIONS, found.target) for found in relations.get(BOOK_RELATIONS, [])
    }
    for sheet in wanted:
        if targets.get(sheet) not in archive.names:
            raise Refused("DOC-001", BOOK, f".xlsx ({say('guard.sheet_missing')})")


def _parse(name: str, part: bytes, on_element: Callable[[str, Mapping[str, str]], None]) -> None:
    """Parse a part, giving each element's name and attributes without their namespaces."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST_XML:
            raise Refused("DOC-015", shown(name), f"XML > {DEEPEST_XML} {say('guard.levels')}")
        on_element(_local(element), {_local(key): text for key, text in attributes.items()})

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise Refused("DOC-015", shown(name), "DOCTYPE")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise _no_xml(name) from error


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _not_utf8(name: str) -> Refused:
    return Refused("DOC-015", shown(name), f"XML {say('guard.is_not')} UTF-8")


def _no_xml(name: str) -> Refused:
    return Refused("DOC-001", shown(name), f".xlsx ({say('guard.part_no_xml')})")
