"""What of a release the public may have: what its card says (``public``), and no place in a document.

No personal data and no rows as they were received: free texts of regions may name persons, even where
identity numbers, telephone numbers and addresses are masked. Places in documents are left out everywhere:
the documents are not public. A table whose card is not ``public`` is not given out.

Put here: how the choice of a card is carried out. Keep out: the choice (YAML of the table), writing files.
"""

from __future__ import annotations

from pipelines.warehouse.manifest import MartCard, Public, cards

PLACES = frozenset({"submission_id", "source_ref", "target_source_ref", "own_target_source_ref"})
"""Columns that lead into documents."""

# what so many regions write alike is a common name, nobody's own
_COMMON = (
    "{column} in (select {column} from {file} group by {column}"
    " having count(distinct current_region_code) >= 20)"
)
# a text of a region keeps its rows apart without being readable
_UNREADABLE = "'lainnya-' || left(sha256({column}), 8)"


def public_choice() -> dict[str, Public]:
    """What the public gets of each table that it gets, by name."""
    return {card.name: card.public for card in cards().values() if card.public is not None}


def is_public(card: MartCard, column: str) -> bool:
    """Whether the public may have the column, as it is or made unreadable."""
    public = card.public
    if public is None or column in {*public.out, *PLACES}:
        return False
    return column not in card.closed or column in public.readable_where


def readable(public: Public, column: str, file: str) -> str:
    """The expression of a column for the public; ``file`` is the SQL that reads the table.

    Texts of regions are made unreadable, but for those that the card lets through, common ones and nulls.
    """
    if column not in public.readable_where:
        return f'"{column}"'
    kept, unreadable = readable_condition(public, column, file), _UNREADABLE.format(column=column)
    return f'case when {column} is null or {kept} then {column} else {unreadable} end as "{column}"'


def readable_condition(public: Public | None, column: str, file: str) -> str:
    """When a text of a region is nobody's own: the card lets it through, or so many write it."""
    kept = public.readable_where.get(column) if public else None
    if kept == "true":
        return kept
    common = _COMMON.format(column=column, file=file)
    return f"{kept} or {common}" if kept else common
