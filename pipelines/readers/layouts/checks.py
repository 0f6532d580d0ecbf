"""What the figures of a table are compared with: its totals, parts and percents, and units with names.

Nothing here changes a value: what differs becomes a finding at its cell.

Put here: SQL of comparisons. Keep out: what is read (``reshape``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from decimal import Decimal

from pipelines.readers.layouts.sql import HEADING, ROW, TOTAL, doubt, listed, problem, quoted

Weighted = Sequence[tuple[int, Decimal]]
"""Columns, each with its weight."""


def shifted(given: Set[str], units: Collection[str]) -> str:
    """The problem of a row whose texts stand a column too far left or right.

    Its unit is none, and another text of it is; or a number stands where the unit does.
    """
    known = listed(units)
    others = [
        f"when lower(unit.text) not in {known} and lower({name}.text) in {known}"
        f" then {problem('layout.shifted', name)}"
        for name in ("service", "component", "item", "note")
        if name in given
    ]
    is_number = "regexp_full_match(unit.text, '-?[0-9][0-9., ]*%?')"
    return f"case when {is_number} then {problem('layout.shifted', 'unit')} {' '.join(others)} end"


def unit_in_name(kinds: dict[str, str]) -> str:
    """The doubt of a unit at the end of an item, ``Luas (Ha)``, that is of another kind than the row's."""
    whens = " ".join(f"when {quoted(text)} then {quoted(kind)}" for text, kind in kinds.items())
    written = r"lower(regexp_extract(item.text, '\(([^()]+)\)\s*$', 1))"
    said = doubt("layout.unit_differs", "unit.place", "item.text || ' ≠ ' || unit.text")
    return f"case when case {written} {whens} end <> case lower(unit.text) {whens} end then {said} end"


def parts(cell: str, ways: Iterable[Weighted]) -> str:
    """The doubt of a figure that no way of adding up its parts gives, to the hundredth."""
    sums, said = [], []
    for way in ways:
        sums.append(" + ".join(f"c{at}.figure * cast('{weight:f}' as decimal(18, 6))" for at, weight in way))
        factors = ["" if weight == 1 else f"{weight:f} × " for _, weight in way]
        texts = [
            f"{quoted(factor)} || c{at}.text || ' (' || c{at}.place || ')'"
            for (at, _), factor in zip(way, factors, strict=True)
        ]
        said.append(" || ' + ' || ".join(texts))
    near = " or ".join(f"abs({cell}.figure - ({total})) <= 0.01" for total in sums)
    text = f"{cell}.text || ' ≠ ' || " + " || '; ≠ ' || ".join(said)
    return f"case when not ({near}) then {doubt('layout.parts_differ', f'{cell}.place', text)} end"


def percents(cell: str, part: str, whole: str) -> list[str]:
    """The doubts of a percent: it is not that of its columns; it has no sign where others do."""
    number, counted, of = (f"cast({one}.figure as double)" for one in (cell, part, whole))
    digits = f"length(regexp_extract(bare_of({cell}.text), '[.,]([0-9]*)$', 1))"
    # people round the last digit, or cut off what follows it
    agrees = f"abs({number} * {of} - 100 * {counted}) <= power(10, -{digits}) * abs({of})"
    text = f"{cell}.text || ' ≠ 100 × ' || {part}.text || ' : ' || {whole}.text"
    differs = doubt("layout.percent_differs", f"{cell}.place", text)
    mixed = doubt("layout.mixed_percents", f"{cell}.place", f"{cell}.text")
    others = f"bool_or(is_percent({cell})) over (partition by fate)"
    return [
        f"case when {whole}.figure <> 0 and not ({agrees}) then {differs} end",
        f"case when {cell}.figure is not null and not is_percent({cell}) and {others} then {mixed} end",
    ]


def totals(steps: str, columns: Iterable[int]) -> str:
    """Each total that no run of rows adds up to: from any total above up to it, or from it on to any below.

    ``steps`` are the first steps of the query, up to ``judged``.
    """
    cells = ", ".join(f"{{'col': {at}, 'cell': c{at}}}" for at in columns)
    return f"""
        with {steps},
        listed as (
            select r, fate, unnest([{cells}]) as u from judged
            where fate in ('{ROW}', '{TOTAL}') or starts_with(fate, '{HEADING}')
        ),
        added as (
            select r, fate, u.col as col, u.cell as cell, amount(u.cell) as amount,
                coalesce(sum(case when fate = '{ROW}' then amount(u.cell) end) over (
                    partition by u.col order by r rows between unbounded preceding and current row
                ), 0) as so_far,
                bool_or(fate = '{ROW}' and not is_nothing(u.cell) and amount(u.cell) is null)
                    over (partition by u.col) as is_unreadable
            from listed
        ),
        bounds as (
            select col, r, so_far from added where fate <> '{ROW}'
            union all select distinct col, -1, 0 from added
            union all select col, max(r) + 1, max_by(so_far, r) from added group by col
        )
        select totals.r, totals.cell.place as place,
            plain(totals.amount) || ' ≠ ' || plain(totals.so_far) as text
        from added as totals
        where totals.fate = '{TOTAL}' and totals.amount is not null and not totals.is_unreadable
            and not exists (
                select 1 from bounds
                where bounds.col = totals.col and bounds.r <> totals.r
                    and abs(bounds.so_far - totals.so_far) = totals.amount
            )
        order by totals.r, totals.col
    """
