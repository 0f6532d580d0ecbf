"""A form saved by Microsoft Excel reads like any other: its dialect of the XML hides no cell.

Source: ECMA-376 and what Excel writes beyond it (revision marks, x14ac attributes, fallback content), built
here by hand because Excel itself runs on no machine of ours.
"""

from __future__ import annotations

import io
import zipfile
from html import escape

from pipelines.readers.documents import workbook
from pipelines.registry.forms import forms
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
EXTENSIONS = (
    f'xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac x15 xr"'
    ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    ' xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"'
    ' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"'
)
STYLES = (
    f"<styleSheet {EXTENSIONS}>"
    '<numFmts count="1"><numFmt numFmtId="43" formatCode="_-* #,##0.00_-"/></numFmts>'
    '<fonts count="1" x14ac:knownFonts="1"><font><sz val="11"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="2"><xf numFmtId="0"/><xf numFmtId="9"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="9" xfId="1"><alignment vertical="top"/></xf><xf numFmtId="43" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Percent" xfId="1" builtinId="5"/></cellStyles></styleSheet>'
)
BOOK_HEAD = (
    f'<workbook {EXTENSIONS}><fileVersion appName="xl" lastEdited="7" lowestEdited="7" rupBuild="28526"/>'
    '<workbookPr defaultThemeVersion="166925"/><mc:AlternateContent><mc:Choice Requires="x15">'
    '<x15ac:absPath url="C:\\Dinas\\" xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/>'
    '</mc:Choice></mc:AlternateContent><xr:revisionPtr revIDLastSave="0" documentId="8_{0-1}"/>'
    '<bookViews><workbookView xWindow="-108" yWindow="-108" activeTab="1"/></bookViews>'
)
TYPED = {
    6: [
        '<c r="G6" s="3"><v>1200</v></c>',
        '<c r="H6" s="2"><v>0.98499999999999999</v></c>',
    ],
    7: [
        '<c r="G7"><f>SUM(G6:G6)</f><v>1200</v></c>',
        '<c r="H7" t="str"><f>IF(G6&gt;0,"tidak ada","")</f><v>tidak ada</v></c>',
    ],
    8: [
        '<c r="G8"><f t="shared" ref="G8:H8" si="0">G6/3</f><v>400</v></c>',
        '<c r="H8"><f t="shared" si="0"/></c>',
    ],
    9: [
        '<c r="G9" s="1"><v>45689</v></c>',
        '<c r="H9" t="e"><f>VLOOKUP(A9,Z:Z,1,0)</f><v>#N/A</v></c>',
    ],
}


class _SharedStrings:
    """The texts of the workbook, each once; some in coloured runs with a reading aid, as Excel keeps them."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def cell(self, place: str, text: str) -> str:
        """A cell that points at the text."""
        return f'<c r="{place}" t="s"><v>{self._places.setdefault(text, len(self._places))}</v></c>'

    def xml(self) -> str:
        """The part that holds them."""
        return f'<sst xmlns="{MAIN}">{"".join(map(self._entry, self._places))}</sst>'

    @staticmethod
    def _entry(text: str) -> str:
        head, _, tail = text.partition(" ")
        if not tail:
            return f'<si><t xml:space="preserve">{escape(text)}</t><phoneticPr fontId="1"/></si>'
        runs = (
            f'<r><t xml:space="preserve">{escape(head)} </t></r><r><rPr><b/></rPr><t>{escape(tail)}</t></r>'
        )
        return f'<si>{runs}<rPh sb="0" eb="1"><t>bacaan</t></rPh><phoneticPr fontId="1"/></si>'


def _page(rows: dict[int, list[str]]) -> str:
    data = "".join(
        f'<row r="{number}" spans="1:12" ht="15.6" x14ac:dyDescent="0.3">{"".join(cells)}</row>'
        for number, cells in sorted(rows.items())
    )
    return (
        f'<worksheet {EXTENSIONS} xr:uid="{{00000000-0001-0000-0000-000000000000}}"><dimension ref="A1:L9"/>'
        '<sheetFormatPr defaultRowHeight="14.4" x14ac:dyDescent="0.3"/>'
        f"<sheetData>{data}</sheetData></worksheet>"
    )


def _pages(strings: _SharedStrings) -> dict[str, str]:
    identity = {"region": "64.71", "period": "2025-Q1", "form_version": "spm-3"}
    pages = {}
    for sheet in forms()["spm-3"].sheets:
        rows: dict[int, list[str]] = {}
        if sheet.record == "identity":
            for row, column in enumerate(sheet.columns, start=sheet.header_row):
                cells = [strings.cell(f"A{row}", column.label)]
                if column.field in identity:
                    cells.append(strings.cell(f"B{row}", identity[column.field]))
                rows[row] = cells
        else:
            labels = (column.label for column in sheet.columns)
            rows[sheet.header_row] = [
                strings.cell(f"{chr(65 + at)}{sheet.header_row}", label) for at, label in enumerate(labels)
            ]
        if sheet.name == "Kesehatan":
            for row, cells in TYPED.items():
                keys = [strings.cell(f"A{row}", "K-KES-01"), strings.cell(f"C{row}", "Penerima layanan")]
                rows[row] = [*keys, *cells]
        pages[sheet.name] = _page(rows)
    return pages


def _saved_by_excel() -> bytes:
    strings = _SharedStrings()
    pages = _pages(strings)
    listed = [
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(pages, 1)
    ]
    # the standard allows absolute and relative targets
    relations = [
        f'<Relationship Id="rId{n}" Type="{OFFICE}/relationships/worksheet"'
        f' Target="/xl/worksheets/sheet{n}.xml"/>'
        for n in range(1, len(pages) + 1)
    ] + [
        f'<Relationship Id="rId{90 + n}" Type="{OFFICE}/relationships/{kind}" Target="{kind}.xml"/>'
        for n, kind in enumerate(("styles", "sharedStrings"))
    ]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "docProps/app.xml": f'<Properties xmlns="{OFFICE}/extended-properties">'
        "<Application>Microsoft Excel</Application><AppVersion>16.0300</AppVersion></Properties>",
        "xl/workbook.xml": f"{BOOK_HEAD}<sheets>{''.join(listed)}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{''.join(relations)}</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": strings.xml(),
        **{f"xl/worksheets/sheet{number}.xml": page for number, page in enumerate(pages.values(), 1)},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, DECLARATION + xml)
    return made.getvalue()


def test_every_kind_of_cell_that_excel_writes_is_read() -> None:
    table = workbook.read(RawFile("x.xlsx", _saved_by_excel()), ReadingSpec(name="daerah", kind="workbook"))
    assert not isinstance(table, Reject), table
    rows = table.to_pylist()
    assert {(row["region"], row["period"], row["service"], row["component"]) for row in rows} == {
        ("64.71", "2025-Q1", "K-KES-01", "recipients")
    }
    assert {row[f"{field}_place"]: row[field] for row in rows for field in ("target", "realised")} == {
        "Kesehatan!G6": "1200",
        "Kesehatan!H6": "98.5%",
        "Kesehatan!G7": "1200",
        "Kesehatan!H7": "tidak ada",
        "Kesehatan!G8": "400",
        "Kesehatan!H8": "#FORMULA",
        "Kesehatan!G9": "2025-02-01",
        "Kesehatan!H9": "#N/A",
    }
