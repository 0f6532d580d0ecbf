"""One table of a document, reshaped to our rows by DuckDB: one query, built from the words of the layout.

A cell is a struct of text, is_number and place all the way, so whatever it becomes keeps where it stood. What
is computed is computed in DECIMAL, of texts that read one way alone.

Put here: the query. Keep out: where tables stand (``tables``), what the result is turned into (``reading``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipelines.messages import say
from pipelines.readers.documents.workbook_xml import column_number
from pipelines.readers.layouts import checks
from pipelines.readers.layouts.sql import (
    BLANK,
    HEADING,
    MALFORMED,
    NO_CELL,
    ROW,
    TOTAL,
    cell,
    column_of_word,
    extracted,
    fits,
    listed,
    numbered,
    problem,
    quoted,
)
from pipelines.readers.layouts.tables import Table, Unfit
from pipelines.readers.layouts.unpivot import parts_of
from pipelines.registry.forms import folded
from pipelines.submissions.layout import CELL, OF_THE_TABLE, Condition, Layout
from pipelines.submissions.patterns import NUMBER, Pattern, pattern, split, words_of
from pipelines.submissions.rows import COLUMNS, REGION_NAME

_A_CELL = re.compile(r"\bc([0-9]+)\b")
AT_ONCE = 24
"""Columns whose cells are read by one statement: each takes 6 MB of buffers for as long as it runs."""


@dataclass(slots=True)
class Query:
    """SQL of one table, of which ``before`` is run first.

    ``rows`` gives our rows and what is wrong with them, ``fates`` what each line is, ``totals`` each total
    that its rows do not add up to (none where the layout names no totals).
    """

    before: list[str]
    rows: str
    fates: str
    totals: str | None


def query_of(
    table: Table, layout: Layout, columns: dict[str, str], units: dict[str, str], file: str
) -> Query:
    """The query of a table; ``cells`` holds ``r, key, malformed, t0, n0, t1, n1 …``.

    Raises:
        Unfit: the layout names what the table has not.
    """
    return _Builder(table, layout, columns, units, file).query()


class _Builder:
    def __init__(
        self, table: Table, layout: Layout, columns: dict[str, str], units: dict[str, str], file: str
    ) -> None:
        self._table = table
        self._layout = layout
        self._theirs = {ours: theirs for theirs, ours in columns.items()}
        self._units = units
        self._file = file
        fixed = {"sheet": table.sheet.name, "title": table.title, "file": file}
        self._named = {name: cell(quoted(text), quoted(name)) for name, text in fixed.items()}
        self._before: list[str] = []
        self._steps: list[str] = []
        self._problems: list[str] = []
        self._counted: set[int] = set()

    def query(self) -> Query:
        self._steps += ["placed", f"judged as ({self._judged()})"]
        before = len(self._steps)
        self._carried()
        self._pieces()
        self._unpivoted()
        self._sums()
        doubts = self._checked()
        self._scaled()
        outputs = {ours: self._output(ours) for ours in (*COLUMNS, REGION_NAME)}
        named = ", ".join(f'{text} as "{ours}"' for ours, text in outputs.items())
        self._steps.append(f"named as (select *, {named} from {self._last})")
        given = {ours for ours in COLUMNS if outputs[ours] != NO_CELL}
        problems = self._problems
        if "unit" in given and "unit" not in self._layout.constants:
            problems.append(checks.shifted(given, self._units))
            doubts += [checks.unit_in_name(self._units)] * ("item" in given)
        places = [f"{self._fallback(ours)} as {ours}_at" for ours in ("target", "realised")]
        counted = sorted(self._counted | self._read_as_they_are())
        asked = " ".join([*self._steps, *places, *problems, *doubts])
        # a text in the query may look like a cell: that is one too many, if it is one at all
        found = {*counted, *map(int, _A_CELL.findall(asked))}
        self._steps[0] = self._placed([at for at in self._table.used if at in found])
        selected = ", ".join([*(f'"{ours}"' for ours in outputs), *places])
        rows = f"""
            with {", ".join(self._steps)}
            select r, fate, {quoted(self._table.sheet.before_row)} || key as row_place, malformed, {selected},
                coalesce({", ".join([*problems, "null"])}) as problem,
                list_filter([{", ".join([*doubts, "null"])}], lambda doubt: doubt is not null) as doubts
            from named where fate = '{ROW}' or (fate = '{MALFORMED}' and part = 1) order by r, part
        """
        head = ", ".join(self._steps[:before])
        totals = checks.totals(head, counted) if counted and self._layout.totals else None
        return Query(self._before, rows, f"with {head} select r, fate from judged order by r", totals)

    # --- the cells, and what each line is

    @property
    def _last(self) -> str:
        return self._steps[-1].split(" ", 1)[0]

    def _placed(self, asked: Sequence[int]) -> str:
        """The step that makes cells: of columns that are asked for, since each takes memory to the end."""
        missing = listed(["", "\\n", *(folded(text) for text in self._layout.missing)])
        blank = " and ".join(f"lower(t{at}) in {missing}" for at in self._table.used) or "true"
        structs = []
        for at in asked:
            place = self._place(at)
            structs.append(
                f"case when lower(t{at}) not in {missing}"
                f" then struct_pack(text := t{at}, is_number := n{at}, place := {place},"
                f" figure := number_of(bare_of(t{at}), n{at})) end as c{at}"
            )
        parts = [structs[first : first + AT_ONCE] for first in range(0, len(structs), AT_ONCE)] or [[]]
        first, *others = [", ".join(["r", *part]) for part in parts]
        first = f"select key, malformed, {blank} as is_blank, {first} from cells"
        if others:
            self._before = [f"create or replace temp table cells_0 as {first}"]
            self._before += [
                f"create or replace temp table cells_{number} as select {part} from cells"
                for number, part in enumerate(others, 1)
            ]
            joined = "".join(f" inner join cells_{number} using (r)" for number, _ in enumerate(others, 1))
            first = f"select * from cells_0{joined}"
        return f"placed as ({first})"

    def _place(self, at: int) -> str:
        before, after = self._table.sheet.around(at)
        return f"{quoted(before)} || key || {quoted(after)}"

    def _judged(self) -> str:
        layout = self._layout
        whens = [f"when r >= (select min(r) from placed where {self._any(layout.ends)}) then 'ends'"] * bool(
            layout.ends
        )
        whens.append(f"when malformed <> '' then '{MALFORMED}'")
        whens.append(f"when is_blank then '{BLANK}'")
        if self._table.numbers_row is not None:
            whens.append(f"when r = {self._table.numbers_row} then 'numbers'")
        for heading in layout.headings:
            whens.append(f"when {self._any(heading.where)} then {quoted(f'{HEADING} {heading.name}')}")
        if layout.totals:
            whens.append(f"when {self._any(layout.totals)} then '{TOTAL}'")
        for number, condition in enumerate(layout.leave_out, 1):
            whens.append(f"when {self._all(condition)} then 'leave_out {number}'")
        if layout.keep:
            whens.append(f"when not ({self._any(layout.keep)}) then 'keep'")
        return f"select *, case {' '.join(whens)} else '{ROW}' end as fate from placed"

    def _any(self, conditions: Sequence[Condition]) -> str:
        return " or ".join(f"({self._all(condition)})" for condition in conditions)

    def _all(self, condition: Condition) -> str:
        found = []
        for column, texts in condition.items():
            columns = self._table.columns(column) or [self._table.column(column)]
            fitting = [fits(f"c{at}.text", text) for at in columns for text in texts]
            found.append(f"({' or '.join(fitting)})")
        return " and ".join(found)

    # --- what lines above say of those below

    def _carried(self) -> None:
        """Headings, then ``fill_down``, outermost first: where one changes, those within it begin anew."""
        outer: list[str] = []
        for number, heading in enumerate(self._layout.headings):
            fate = quoted(f"{HEADING} {heading.name}")
            value = f"case when fate = {fate} then c{self._table.column(heading.column)} end"
            self._carry(f"*, {_last_of(value, outer)} as h{number}")
            self._named[folded(heading.name)] = f"h{number}"
            outer.append(f"h{number}")
        for name in self._layout.fill_down:
            at = self._table.column(name)
            filled = _last_of(f"case when fate = '{ROW}' then c{at} end", outer)
            self._carry(f"* replace (case when fate = '{ROW}' then {filled} else c{at} end as c{at})")
            outer.append(f"c{at}")

    def _carry(self, selected: str) -> None:
        self._steps.append(f"carried{len(self._steps)} as (select {selected} from {self._last})")

    # --- words in texts

    def _pieces(self) -> None:
        added: list[str] = []
        for where, texts in self._layout.pieces.items():
            wanted = [pattern(text) for text in texts]
            fixed = self._fixed(where)
            if fixed is not None:
                text, place = fixed
                found = next((match for one in wanted if (match := one.match(text)) is not None), None)
                if found is None:
                    raise Unfit(place, say("layout.no_piece", at=repr(text), patterns=", ".join(texts)))
                for word, part in found.items():
                    self._named[folded(column_of_word(word))] = cell(
                        quoted(_part(word, part, place)), quoted(place)
                    )
            else:
                added += self._pieces_of(self._table.column(where), wanted, len(added))
        if added:
            self._steps.append(f"parted as (select *, {', '.join(added)} from {self._last})")

    def _fixed(self, where: str) -> tuple[str, str] | None:
        """Text and place of what is the same for the whole table; none where ``where`` is a column."""
        sheet = self._table.sheet
        if where in OF_THE_TABLE:
            return {"sheet": sheet.name, "title": self._table.title, "file": self._file}[where], where
        if (found := CELL.fullmatch(where)) is None:
            return None
        column = column_number(found[1]) - 1
        for at, row in enumerate(sheet.rows):
            if row.key.lstrip("L") == found[2]:
                return row.texts[column] if column < len(row.texts) else "", sheet.place(at, column)
        return "", where

    def _pieces_of(self, at: int, wanted: Sequence[Pattern], number: int) -> list[str]:
        """The words in a column's texts, each a column; a text that fits no pattern is its row's problem."""
        fitting = [fits(f"c{at}.text", one.text) for one in wanted]
        no_piece = f"c{at} is not null and not ({' or '.join(fitting)})"
        self._problems.append(f"case when {no_piece} then {problem('layout.no_piece_in_row', f'c{at}')} end")
        added: list[str] = []
        for word in dict.fromkeys(name for one in wanted for name in one.names if name != NUMBER):
            whens = [
                f"when {is_fit} then {numbered(word, extracted(f'c{at}.text', one, word))}"
                for is_fit, one in zip(fitting, wanted, strict=True)
                if word in one.names
            ]
            text = f"case {' '.join(whens)} end"
            if word == "month":
                month = f"cast({text} as int)"
                text = f"case when {month} % 3 = 0 then cast({month} // 3 as varchar) end"
                no_end = f"case when {month} % 3 <> 0 then {problem('layout.no_quarter_end', f'c{at}')} end"
                self._problems.append(no_end)
            name = f"p{number + len(added)}"
            added.append(f"case when {text} is not null then {cell(text, f'c{at}.place')} end as {name}")
            self._named[folded(column_of_word(word))] = name
        return added

    # --- columns that become rows

    def _unpivoted(self) -> None:
        unpivot = self._layout.unpivot
        if unpivot is None:
            self._steps.append(f"parts as (select *, 1 as part from {self._last})")
            return
        found = parts_of(self._table, unpivot)
        self._counted |= {at for part in found for columns in part.columns for at in columns}
        parts = []
        for number, part in enumerate(found, 1):
            fields = [f"'part': {number}"]
            fields += [f"'w{at}': {quoted(text)}" for at, text in enumerate(part.words)]
            for at, columns in enumerate(part.columns):
                if unpivot.amounts == "increments":
                    value, wrong = self._sum(columns, columns[-part.own :])
                else:
                    value, wrong = f"c{columns[-1]}", "null"
                fields += [f"'v{at}': {value}", f"'q{at}': {wrong}"]
            parts.append("{" + ", ".join(fields) + "}")
        self._steps.append(f"listed as (select *, unnest([{', '.join(parts)}]) as u from {self._last})")
        blank = " and ".join(f"u.v{at} is null and u.q{at} is null" for at in range(len(unpivot.values)))
        # nothing was written there: no row, as a line that is left out is none
        self._steps.append(
            f"parts as (select *, u.part as part from listed where fate <> '{ROW}' or not ({blank}))"
        )
        for at, word in enumerate(unpivot.words):
            self._named[folded(column_of_word(word))] = cell(f"u.w{at}", "''")
        for at, name in enumerate(unpivot.values):
            self._named[folded(name)] = f"u.v{at}"
            self._problems.append(f"u.q{at}")

    # --- what is computed

    def _sums(self) -> None:
        added: list[str] = []
        for number, (name, references) in enumerate(self._layout.sums.items()):
            columns = [at for reference in references for at in self._several(reference)]
            self._counted |= {*columns}
            columns = list(dict.fromkeys(columns))
            value, wrong = self._sum(columns, columns)
            added += [f"{value} as s{number}", f"{wrong} as sq{number}"]
            self._named[folded(name)] = f"s{number}"
            self._problems.append(f"sq{number}")
        if added:
            self._steps.append(f"summed as (select *, {', '.join(added)} from {self._last})")

    def _sum(self, columns: Sequence[int], own: Sequence[int]) -> tuple[str, str]:
        """A sum of cells as a cell, and what is wrong with it: the first blank, the first that is no amount.

        Nothing where all cells of ``own`` are blank.
        """
        cells = [f"c{at}" for at in columns]
        nothing = " and ".join(f"is_nothing(c{at})" for at in own)
        has_blank = " or ".join(f"is_nothing({one})" for one in cells)
        if self._layout.blanks == "zero":
            has_blank = "false"
        total = " + ".join(f"case when is_nothing({one}) then 0 else amount({one}) end" for one in cells)
        value = (
            f"case when {nothing} or {has_blank} or ({total}) is null then {NO_CELL}"
            f" else computed({total}, concat_ws('+', {', '.join(self._short_places(columns))})) end"
        )
        unreadable = " ".join(
            f"when not is_nothing({one}) and amount({one}) is null then {problem('layout.no_amount', one)}"
            for one in cells
        )
        gap = problem("layout.blank_in_sum", f"coalesce({', '.join(cells)})")
        is_gap = f"when {has_blank} then {gap}"
        wrong = f"case when {nothing} then null {is_gap} {unreadable} end"
        return value, wrong

    def _short_places(self, columns: Sequence[int]) -> list[str]:
        """The places of the cells of a row: the first as it is, of the others what differs from it."""
        first, *others = columns
        places = [self._place(first)]
        for at in others:
            before, after = self._table.sheet.around(at)
            letters = quoted(before.rpartition("!")[2])
            text = quoted(after.removeprefix(":")) if after else f"{letters} || key"
            places.append(f"case when not is_nothing(c{at}) then {text} end")
        return places

    def _scaled(self) -> None:
        added: list[str] = []
        for number, (name, factor) in enumerate(self._layout.scale.items()):
            one = self._at(name)
            is_fit = f"abs(amount({one})) < {Decimal(10) ** 20 / factor:f}"  # the digits that a product has
            product = f"cast({one}.figure as decimal(38, 12)) * cast('{factor:f}' as decimal(18, 6))"
            added.append(
                f"case when {is_fit} then computed(cast({product} as decimal(38, 12)), {one}.place)"
                f" when is_nothing({one}) then {one} end as x{number}"
            )
            wrong = f"not is_nothing({one}) and not coalesce({is_fit}, false)"
            self._problems.append(f"case when {wrong} then {problem('layout.no_amount', one)} end")
            self._named[folded(name)] = f"x{number}"
        if added:
            self._steps.append(f"scaled as (select *, {', '.join(added)} from {self._last})")

    # --- our columns

    def _at(self, name: str) -> str:
        """The cell that a name means in a row: one that the layout made, else the table's own column."""
        return self._named.get(folded(name)) or f"c{self._table.column(name)}"

    def _several(self, reference: str) -> list[int]:
        return self._table.columns(reference) or [self._table.column(reference)]

    def _output(self, ours: str) -> str:
        if (text := self._layout.constants.get(ours)) is not None:
            return self._filled(text)
        theirs = self._theirs.get(ours)
        if theirs is None and self._table.sheet.fields and ours in self._table.labels:
            theirs = ours
        if theirs is None:
            return NO_CELL
        found = self._at(theirs)
        return f"as_number({found})" if self._layout.decimal and ours in ("target", "realised") else found

    def _filled(self, text: str) -> str:
        """A constant, or a text put together from the cells of its words.

        Nothing where all of them are blank; where some are, the row has half a name and is held back.
        """
        parts = split(text)
        words = [self._at(word) for word in words_of(text)]
        if len(words) == 1 and not any(parts[::2]):
            return words[0]
        pieces = [
            f"{self._at(part)}.text" if at % 2 else quoted(part) for at, part in enumerate(parts) if part
        ]
        if len(words) > 1:
            known = f"coalesce({', '.join(words)})"
            is_half = f"{known} is not null and ({' or '.join(f'{word} is null' for word in words)})"
            self._problems.append(f"case when {is_half} then {problem('layout.word_missing', known)} end")
        places = [f"nullif({word}.place, '')" for word in words]
        place = f"concat_ws('+', {', '.join(places)})" if places else "''"
        joined = " || ".join(pieces) or "''"
        return f"case when {joined} is not null then {cell(joined, place)} end"

    def _fallback(self, ours: str) -> str:
        """The place of a number that is not there: its cell, where it has one."""
        theirs = self._theirs.get(ours)
        if (
            theirs is not None
            and folded(theirs) not in self._named
            and (found := self._table.columns(theirs))
        ):
            return self._place(found[0])
        return f"{quoted(self._table.sheet.before_row)} || key"

    def _checked(self) -> list[str]:
        found = []
        for name, check in self._layout.checks.items():
            figure = self._at(name)
            if check.percent:
                found += checks.percents(figure, *map(self._at, check.percent))
                continue
            ways = [
                [(at, weight) for label, weight in way.items() for at in self._several(label)]
                for way in check.sum
            ]
            found.append(checks.parts(figure, ways))
        return found

    def _read_as_they_are(self) -> set[int]:
        """The columns of the table that a number of ours is read from, as they are or scaled."""
        found = set()
        for ours in ("target", "realised"):
            name = self._theirs.get(ours) or self._layout.constants.get(ours, "").strip("{}")
            if name and (folded(name) not in self._named or name in self._layout.scale):
                found |= {*self._table.columns(name)}
        return found


def _last_of(value: str, outer: Sequence[str]) -> str:
    """The last value up to a line, of lines for which what is ``outer`` is the same."""
    groups = f"partition by {', '.join(f'{one}.text' for one in outer)}" if outer else ""
    window = f"({groups} order by r rows between unbounded preceding and current row)"
    return f"last_value({value} ignore nulls) over {window}"


def _part(word: str, text: str, place: str) -> str:
    if word != "month":
        return text
    if int(text) % 3:
        raise Unfit(place, say("layout.no_quarter_end", text=text))
    return str(int(text) // 3)
