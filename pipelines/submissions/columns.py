"""Columns of a document that are not ours: what is said of them, and which of ours each may stand for.

Put here: naming what is not read of a header. Keep out: where a header stands (the readers), judging (dbt).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from pipelines.messages import say
from pipelines.registry.forms import folded, forms
from pipelines.submissions.demo_mark import COLUMN as DEMO_COLUMN
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, REGION_NAME, Unread

REQUIRED = ("record", "region", "period", "realised")
COLUMN_NOT_READ = "DOC-021"
_LEAST_LIKENESS = 0.75
_CODE = re.compile(r"\s*[0-9]{2}(\.?[0-9]{2})?\s*")
_NAME_OF = {"kode": "nama", "code": "name"}


def missing_columns(found: Iterable[str], records: Iterable[str | None]) -> list[str]:
    """The columns of ours that rows of these records need, and that are not ``found``.

    What was reached counts for nothing without what was owed.
    """
    needed = {*REQUIRED, *(["target"] if any(_is_achievement(record) for record in records) else [])}
    there = set(found)
    return [name for name in COLUMNS if name in needed and name not in there]


def _is_achievement(record: str | None) -> bool:
    return record is not None and record.strip().casefold() == "achievement"


def said_missing(missing: Sequence[str], unknown: Sequence[str], spec: ReadingSpec) -> str:
    """The missing columns, each with the unknown one that may be meant, and the other unknown ones.

    ``missing`` are names as the source calls them.
    """
    meant = {name: near(our_name(name, spec), unknown, spec) for name in missing}
    named = [f"{name} ({meant[name]}?)" if meant[name] else name for name in missing]
    others = [label for label in unknown if label not in {*meant.values(), DEMO_COLUMN}]
    said = ", ".join(named)
    return f"{said}; {say('reading.unknown_columns')}: {', '.join(others)}" if others else said


def unread_columns(
    found: Iterable[str],
    unknown: Sequence[str],
    place: str,
    spec: ReadingSpec,
    ours: Collection[str] = COLUMNS,
) -> list[Unread]:
    """What is said of ``unknown`` columns, beside the ``found`` ones of ``ours``.

    One that looks like a column of ours that is not there is a finding (DOC-021); any other is named to
    whoever runs.
    """
    there = set(found)
    meant = {near(name, unknown, spec): name for name in ours if name not in there}
    return [
        Unread(COLUMN_NOT_READ, place, f"{label} ({meant[label]}?)")
        if label in meant
        else Unread("", place, label)
        for label in unknown
        # the mark of made-up data is read of the document as a whole
        if label != DEMO_COLUMN
    ]


def near(ours: str, unknown: Sequence[str], spec: ReadingSpec) -> str | None:
    """The unknown column most like one of ours, as the source, a form or the contract calls that."""
    named = {folded(theirs) for theirs, name in spec.columns.items() if name == ours}
    labels = {folded(label): label for label in reversed(unknown)}
    for word in sorted(_labels().get(ours, frozenset()) | named | {folded(ours)}):
        if found := get_close_matches(word, labels, 1, _LEAST_LIKENESS):
            return labels[found[0]]
    return None


def name_column(region: str | None, labels: Iterable[str], spec: ReadingSpec) -> str | None:
    """The label of the column with the name of the region whose code is in the column ``region``.

    What the source maps to it; else what forms call it, or the label of the code with `nama` for `kode`.
    """
    if region is None:
        return None
    if mapped := [theirs for theirs, ours in spec.columns.items() if ours == REGION_NAME]:
        wanted = {_words(mapped[0])}
    else:
        own = " ".join(_NAME_OF.get(word, word) for word in _words(region).split())
        wanted = {_words(label) for label in (REGION_NAME, *_labels().get(REGION_NAME, ()), own)}
        wanted.discard(_words(region))
    return next((label for label in labels if _words(label) in wanted), None)


def named_regions(codes: Iterable[str | None], names: Iterable[str | None]) -> list[str | None]:
    """Each region with its name behind its code, so that the two are compared where regions are resolved."""
    return [
        f"{code.strip()} {name.strip()}" if code and name and name.strip() and _CODE.fullmatch(code) else code
        for code, name in zip(codes, names, strict=True)
    ]


def _words(label: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", folded(label)))


def their_names(ours: Sequence[str], spec: ReadingSpec) -> list[str]:
    """What the source calls each column of ours."""
    return [next((theirs for theirs, name in spec.columns.items() if name == one), one) for one in ours]


def our_name(theirs: str, spec: ReadingSpec) -> str:
    """The column of ours that the source calls so."""
    return spec.columns.get(theirs, theirs)


@lru_cache
def _labels() -> dict[str, frozenset[str]]:
    """What the forms call each column of ours."""
    found: dict[str, set[str]] = {}
    for version in forms().values():
        for sheet in version.sheets:
            for label, field in sheet.labels.items():
                found.setdefault(field, set()).add(label)
    return {field: frozenset(labels) for field, labels in found.items()}
