"""What the query of a layout is written with: texts and patterns as SQL, and macros over a cell.

A cell is a struct of text, is_number, place and figure: the number that its text reads as in one way alone.

Put here: pieces of SQL that know no table. Keep out: the query (``reshape``), what is compared (``checks``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pipelines.submissions.layout import Layout
from pipelines.submissions.patterns import Pattern, number_of, numbers_of, pattern

ROW, BLANK, TOTAL, HEADING, MALFORMED = "row", "blank", "total", "heading", "malformed"
NO_CELL = "cast(null as struct(text varchar, is_number boolean, place varchar, figure decimal(38, 15)))"
_ONE_WAY = (
    "-?[0-9]{{1,3}}({g}[0-9]{{3}})+{d}[0-9]+|-?[0-9]{{1,3}}({g}[0-9]{{3}}){{2,}}"
    "|-?[0-9]+{d}([0-9]{{1,2}}|[0-9]{{4,}})|-?(0|[0-9]{{4,}}){d}[0-9]{{3}}"
)
_DECLARED = "-?([0-9]+|[0-9]{{1,3}}([{g} ][0-9]{{3}})+)({d}[0-9]+)?"
_SIGNS = {",": (r"\.", ","), ".": (",", r"\.")}
"""For the sign of decimals that of groups, then itself, as regular expressions."""


def macros(layout: Layout, blanks: Collection[str], zeros: Collection[str]) -> str:
    """Macros over a cell. ``blanks`` and ``zeros`` are texts of the table that say that there is nothing.

    ``number_of`` reads it, exact; null where the text reads two ways, or as none.
    """
    declared = {sign: f"'{_DECLARED.format(g=g, d=d)}'" for sign, (g, d) in _SIGNS.items()}
    one_way = {sign: f"'{_ONE_WAY.format(g=g, d=d)}'" for sign, (g, d) in _SIGNS.items()}
    plain = {
        ",": "replace(replace(replace(b, ' ', ''), '.', ''), ',', '.')",
        ".": "replace(replace(b, ' ', ''), ',', '')",
    }
    if layout.decimal:
        whens = [f"when regexp_full_match(b, {declared[layout.decimal]}) then {plain[layout.decimal]}"]
    else:
        whens = [
            "when regexp_full_match(b, '-?[0-9]+') then b",
            *(f"when regexp_full_match(b, {one_way[sign]}) then {plain[sign]}" for sign in _SIGNS),
            "when regexp_full_match(b, '-?[0-9]{1,3}( [0-9]{3})+') then replace(b, ' ', '')",
        ]
    is_zero = f"when b in {listed(text.lower() for text in zeros)} then '0'" if zeros else ""
    return rf"""
        create or replace macro number_of(b, is_number) as
            try_cast(case
                when is_number then b {is_zero}
                {" ".join(whens)}
            end as decimal(38, 15));
        create or replace macro bare_of(t) as
            regexp_replace(regexp_replace(lower(t), '^rp\.?\s*', ''), ',-$|\s*%$', '');
        create or replace macro is_percent(cell) as coalesce(ends_with(cell.text, '%'), false);
        create or replace macro amount(cell) as case when not is_percent(cell) then cell.figure end;
        create or replace macro plain(value) as
            regexp_replace(regexp_replace(cast(value as varchar), '(\.[0-9]*?)0+$', '\1'), '\.$', '');
        create or replace macro is_nothing(cell) as (cell is null or cell.text in {listed(["", *blanks])});
        create or replace macro computed(value, stood) as
            struct_pack(
                text := plain(value), is_number := true, place := stood, figure := value::decimal(38, 15)
            );
        create or replace macro as_number(cell) as case
            when cell.figure is null or cell.text in {listed(["", *zeros])} then cell
            else struct_pack(
                text := plain(cell.figure) || case when is_percent(cell) then '%' else '' end,
                is_number := true,
                place := cell.place,
                figure := cell.figure
            )
        end;
    """


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    return f"({', '.join(map(quoted, texts))})"


def cell(text: str, place: str) -> str:
    figure = "cast(null as decimal(38, 15))"
    return f"struct_pack(text := {text}, is_number := false, place := {place}, figure := {figure})"


def problem(code: str, found: str) -> str:
    """What is wrong with a row: the message, the place and the text of the cell at fault."""
    return f"struct_pack(code := '{code}', place := {found}.place, text := {found}.text)"


def doubt(code: str, place: str, text: str) -> str:
    return f"struct_pack(code := '{code}', place := {place}, text := {text})"


def _even(text: str) -> str:
    return rf"regexp_replace({text}, '\s+', ' ', 'g')"


def fits(text: str, wanted: str) -> str:
    """Whether a text fits a pattern; a blank one fits what a blank cell is."""
    if not wanted:
        return f"{text} is null"
    return f"coalesce(regexp_full_match({_even(text)}, {quoted(pattern(wanted).expression)}, 'is'), false)"


def extracted(text: str, wanted: Pattern, word: str) -> str:
    expression = quoted(f"^(?:{wanted.expression})$")
    return f"trim(regexp_extract({_even(text)}, {expression}, {wanted.names.index(word) + 1}, 'is'))"


def column_of_word(word: str) -> str:
    """The name of what a word in braces stands for: of a month its quarter, since rows are quarters."""
    return "quarter" if word == "month" else word


def numbered(word: str, text: str) -> str:
    """A quarter or a month as its number."""
    known = numbers_of(word)
    if not known:
        return text
    whens = " ".join(f"when {quoted(name)} then '{number_of(word, name)}'" for name in known)
    return f"case lower({text}) {whens} end"
