"""Whether a release tells every cell that it changed, and each with the reason that the script planned.

Put here: holding the comparison, the ledger and the plan against one another. Keep out: each of them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.history.comparison import Change, Place, Told, changed_cells, groups_of, ledger_of
from tests.history.planned import Step
from tests.history.script import Release

_SHOWN = 5
"""Cells of a kind of fault that are named; of the others the number."""

Faults = dict[str, list[str]]


def compared(release: Release, old: Path, new: Path) -> tuple[Counter[str], list[str]]:
    """The cells that ``new`` changed, by reason, and a sentence for everything that is not as planned."""
    changes, told = changed_cells(old, new), ledger_of(new)
    faults: Faults = {}
    for place in told.keys() - changes.keys():
        _wrong(faults, "told of a cell that did not change", place, told[place])
    for place in changes.keys() - told.keys():
        _wrong(faults, "a changed cell is not told", place, changes[place])
    step = Step(release.causes, release.first, groups_of(new), changes)
    seen: set[tuple[str, str | None, str | None]] = set()
    both = changes.keys() & told.keys()
    for place in both:
        if told[place].release_before != old.name:
            _wrong(faults, "another release before", place, told[place])
        seen |= _cell(faults, step, place, changes[place], told[place])
    for cause in release.causes:
        if (cause.reason, cause.period, cause.named) not in seen:
            faults.setdefault("changed nothing", []).append(str(cause))
    return Counter(str(told[place].reason) for place in both), list(_said(faults))


def _cell(
    faults: Faults, step: Step, place: Place, change: Change, said: Told
) -> set[tuple[str, str | None, str | None]]:
    """Hold one cell against its plan; the causes that it shows at work."""
    if (change.old, change.new) != (said.old, said.new):
        _wrong(faults, "other values", place, change, said)
    planned = step.reason(place)
    if planned is None:
        _wrong(faults, "changed by nothing in the script", place, change, said)
        return set()
    reason, names = planned
    if (reason, ", ".join(sorted(names))) != (said.reason, said.caused_by or ""):
        _wrong(faults, "another cause than planned", place, f"planned {reason} {sorted(names)}", said)
    return {(reason, place.of("period"), name) for name in names or {None}}


def _wrong(faults: Faults, kind: str, place: Place, *said: object) -> None:
    where = f"{place.table} {' '.join(str(value) for _, value in place.key)} {place.column}"
    faults.setdefault(kind, []).append(f"{where}: {' / '.join(map(str, said))}")


def _said(faults: Faults) -> list[str]:
    found = []
    for kind, cells in sorted(faults.items()):
        found += [f"{kind}: {cell}" for cell in sorted(cells)[:_SHOWN]]
        found += [f"{kind}: {len(cells) - _SHOWN} more"] * (len(cells) > _SHOWN)
    return found
