"""The script: what comes to each release, which change of the registry is made before it, and what that does.

Put here: the steps of the long and of the short history. Keep out: playing them (``play``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipelines.registry.periods import Period
from tests.history import reports
from tests.history.checkouts import Edit, Rows
from tests.history.planned import Cause

METHOD, MIDDLE = "permendagri-59-2021", "metode-kedua"
"""The second method of the script."""


@dataclass
class Release:
    """One step: documents by name, the registry's number, and what the step causes."""

    what: str = ""
    day: datetime = datetime(2019, 1, 1, 3, tzinfo=UTC)
    registry: int = 0
    documents: dict[str, bytes] = field(default_factory=dict)
    causes: list[Cause] = field(default_factory=list)
    first: list[str] = field(default_factory=list)


class Script:
    """Steps in the making: what is said before ``release`` belongs to it."""

    def __init__(self) -> None:
        self.releases: list[Release] = []
        self.edits: list[Edit] = []
        self._next = Release()

    def quarter(self, period: str, without: Sequence[str] = ()) -> None:
        """The reports of a quarter come, but for some regions."""
        for region in reports.reporters(period):
            if region not in without:
                self._add(region, period, reports.report(region, period))
        self._next.first.append(period)

    def late(self, region: str, period: str, written: str | None = None) -> None:
        """A first report comes when the quarter is published already."""
        named = self._add(region, period, reports.report(region, period, written=written))
        self._next.causes.append(Cause("late_data", period, region, named=named))

    def again(
        self,
        region: str,
        period: str,
        more: int,
        sector: str | None = None,
        written: str | None = None,
        but: str | None = None,
    ) -> None:
        """A region sends again, the whole or a sector; the sector ``but`` comes once more in this release."""
        content = reports.report(region, period, more, sector, written)
        named = self._add(region, period, content)
        self._next.causes.append(Cause("correction", period, region, sector, named, but))

    def press(self, region: str, period: str, index: str, reason: str | None = None) -> None:
        """An index of the press; with a ``reason`` the quarter is published already."""
        named = self._add(region, period, reports.press(region, period, index))
        if reason:
            self._next.causes.append(Cause(reason, period, region, named=named))

    def held_back(self, region: str, period: str, written: str) -> None:
        """A report under a name that nobody knows comes with its quarter."""
        self._add(region, period, reports.report(region, period, written=written))

    def unreadable(self, region: str, period: str) -> None:
        """A document comes that cannot be read: it counts among the region's rejected ones."""
        named = self._add(region, period, b"PK\x03\x04 " + region.encode())
        self._next.causes.append(Cause("late_data", period, region, named=named))

    def edit(self, edits: Edit | Sequence[Edit], *causes: Cause) -> None:
        """The registry changes before the release."""
        self.edits += [edits] if isinstance(edits, Edit) else edits
        self._next.causes += causes

    def alias(self, region: str, alias: str, period: str) -> None:
        """A name is taken into the registry, and what was held back under it counts."""
        row = {"region_code": region, "alias": alias, "kind": "abbreviation"}
        self.edit(_added("region_aliases", row), Cause("new_reference_data", period, region))

    def letter(self, name: str, region: str, period: str, sector: str, cells: Mapping[str, str]) -> None:
        """A correction by letter of what a region reported."""
        row = {"correction_id": name, "region_code": region, "period": period, **cells, "letter": f"S-{name}"}
        row |= {"reason": "Salah ketik", "reviewed_by": "Biro Tapem", "decided_on": "2025-01-31"}
        cause = Cause("correction", period, region, sector, f"{name} (S-{name})")
        self.edit(Edit("corrections", lambda rows: [*rows, row]), cause)

    def withdrawn(self, name: str, region: str, period: str, sector: str) -> None:
        """A correction by letter is taken out of the ledger."""
        cause = Cause("correction", period, region, sector, f"{name} (S-{name})")
        self.edit(
            Edit("corrections", lambda rows: [row for row in rows if row["correction_id"] != name]), cause
        )

    def release(self, what: str) -> None:
        """Publish; documents came three days before."""
        ends = [Period.parse(period).ends_on for period in self._next.first]
        days = [datetime(day.year, day.month, day.day, 3, tzinfo=UTC) + timedelta(days=15) for day in ends]
        days += [self.releases[-1].day + timedelta(days=10)] if self.releases else []
        self._next.what, self._next.registry, self._next.day = what, len(self.edits), max(days)
        self.releases.append(self._next)
        self._next = Release()

    def _add(self, region: str, period: str, content: bytes) -> str:
        # the name of a document that cannot be read is all that tells of whom and of when it is
        name = f"{region}_{period}_{len(self.releases) + 1}-{len(self._next.documents)}.csv"
        self._next.documents[name] = content
        return hashlib.sha256(content).hexdigest()[:12]


def _added(seed: str, row: dict[str, str]) -> Edit:
    return Edit(seed, lambda rows: [*rows, row])


def _second_method(first: str) -> Sequence[Edit]:
    """Another method from a quarter on: other weights, and missing services are left out."""
    last = str(Period.parse(first).previous())
    new = {"method_version": MIDDLE, "weight_recipients_percent": "60", "weight_quality_percent": "40"}
    new |= {"valid_from_period": first, "missing": "exclude"}
    return (
        Edit("methods", lambda rows: [rows[0] | {"valid_to_period": last}, rows[0] | new]),
        Edit("bands", lambda rows: _of_both([row for row in rows if row["method_version"] == METHOD])),
    )


def _of_both(bands: Rows) -> Rows:
    return [*bands, *(band | {"method_version": MIDDLE} for band in bands)]


def _earlier_method(first: str) -> Edit:
    """The second method was valid from an earlier quarter on: the row is corrected."""
    last = str(Period.parse(first).previous())

    def change(rows: Rows) -> Rows:
        return [rows[0] | {"valid_to_period": last}, rows[1] | {"valid_from_period": first}]

    return Edit("methods", change)


def _other_weights(rows: Rows) -> Rows:
    """The second method had other weights all the time: the row is corrected, its name stays."""
    return [rows[0], rows[1] | {"weight_recipients_percent": "70", "weight_quality_percent": "30"}]


def _served(service: str, region: str, period: str, fewer: int) -> dict[str, str]:
    """The cells of a letter: of a service, ``fewer`` were served than was reported."""
    old = reports.served(region, period, service)
    cells = {
        "record": "achievement",
        "service": service,
        "component": "recipients",
        "column_name": "realised",
    }
    return {**cells, "old": str(old), "new": str(old - fewer)}


def _window(period: str, closes_on: str) -> Edit:
    return _added("reporting_windows", {"period": period, "closes_on": closes_on, "status": "announced"})


def _of_all(reason: str, *periods: str) -> list[Cause]:
    return [Cause(reason, period) for period in periods]


def whole() -> Script:
    """24 quarters, 2019-Q1 to 2024-Q4, and what came between them."""
    script = Script()
    _first_regime(script)
    _letters(script)
    _split_and_methods(script)
    _last_years(script)
    return script


def _first_regime(script: Script) -> None:
    script.quarter("2019-Q1", without=["64.74"])
    script.release("the first quarter")
    script.quarter("2019-Q2")
    script.late("64.74", "2019-Q1")
    script.release("a region reports the first quarter late")
    script.quarter("2019-Q3")
    script.again("64.71", "2019-Q2", 5, "kesehatan")
    script.release("an agency sends its sector again")
    script.quarter("2019-Q4", without=["73.71"])
    script.press("73.71", "2019-Q4", "61,5")
    script.release("of one region only the press tells")
    script.quarter("2020-Q1")
    script.late("73.71", "2019-Q4")
    script.release("that region reports by itself")
    script.again("64.72", "2019-Q1", 6)
    script.release("a revision of last year, and no new quarter")
    script.quarter("2020-Q3", without=["73"])
    script.release("a quarter is left out")
    script.quarter("2020-Q2")
    script.release("the quarter that was left out comes in between")
    script.quarter("2020-Q4")
    script.late("73", "2020-Q3")
    script.again("64.71", "2020-Q3", 4)
    script.release("late data of a province and a revision of a city, in one quarter")


def _letters(script: Script) -> None:
    script.quarter("2021-Q1")
    script.edit(_window("2020-Q4", "2021-01-10"), Cause("new_reference_data", "2020-Q4"))
    script.release("a window is announced after its quarter was published")
    script.quarter("2021-Q2")
    script.letter("K-1", "64.71", "2020-Q4", "kesehatan", _served("K-KES-03", "64.71", "2020-Q4", 30))
    script.release("a correction by letter")
    script.quarter("2021-Q3", without=["64.74"])
    script.held_back("64.74", "2021-Q3", "Kota Minyak")
    script.withdrawn("K-1", "64.71", "2020-Q4", "kesehatan")
    script.again("64.71", "2020-Q4", 3, "kesehatan")
    script.release("the region sends the sector again, and the letter is withdrawn")
    script.quarter("2021-Q4", without=["91"])
    script.alias("64.74", "Kota Minyak", "2021-Q3")
    script.release("a name that nobody knew is one of the registry's")


def _split_and_methods(script: Script) -> None:
    script.quarter("2022-Q1")
    script.edit(_second_method("2022-Q1"))
    script.release("a second method from this quarter on")
    script.quarter("2022-Q2")
    script.late("91", "2021-Q4")
    script.release("Papua reports last year late")
    script.quarter("2022-Q3", without=["94"])
    script.again("91.01", "2022-Q2", 5)
    script.release("Papua is split; the quarter before it again under the old code")
    script.quarter("2022-Q4")
    script.again("91.04", "2022-Q2", 5, written="94.01")
    script.late("94", "2022-Q3")
    script.release("the same under the new code; a new province is late; Papua Barat is split")
    script.quarter("2023-Q1")
    script.edit(_earlier_method("2021-Q4"), Cause("new_method", "2021-Q4"))
    script.release("the second method is said to be valid a quarter earlier")
    script.quarter("2023-Q2")
    changed = [f"2022-Q{quarter}" for quarter in range(1, 5)]
    script.edit(
        Edit("methods", _other_weights), *_of_all("new_reference_data", "2021-Q4", *changed, "2023-Q1")
    )
    script.release("the weights of the second method are corrected")


def _last_years(script: Script) -> None:
    script.quarter("2023-Q3")
    script.letter("K-2", "93.01", "2023-Q1", "sosial", _served("K-SOS-01", "93.01", "2023-Q1", 7))
    spent = {"record": "budget", "sector": "kesehatan", "item": "Pagu", "column_name": "realised"}
    spent |= {"old": "20000000", "new": "21000000"}
    script.letter("K-3", "93.01", "2023-Q1", "kesehatan", spent)
    script.release("two letters of one region, one of them on its budget")
    script.quarter("2023-Q4")
    script.unreadable("96.71", "2023-Q3")
    script.release("a document that cannot be read")
    script.quarter("2024-Q1")
    script.again("64", "2023-Q4", 2, but="pendidikan")
    script.again("64", "2023-Q4", 8, "pendidikan")
    script.release("a province sends again twice")
    script.quarter("2024-Q2", without=["64.72"])
    script.press("64.72", "2024-Q2", "70")
    script.release("of one region only the press tells")
    script.quarter("2024-Q3")
    script.press("64.72", "2024-Q2", "71", "correction")
    script.release("the press corrects itself")
    script.quarter("2024-Q4")
    script.release("the last quarter")
    script.late("64.72", "2024-Q2")
    script.again("91.71", "2024-Q4", 9)
    script.again("73", "2024-Q1", 3, "kesehatan")
    script.again("96.71", "2022-Q4", 2, written="92.71")
    script.release("four past quarters at once")


def short() -> Script:
    """Four releases over the split of Papua, with each kind of change."""
    script = Script()
    script.quarter("2022-Q2", without=["64.72", "64.74"])
    script.held_back("64.74", "2022-Q2", "Kota Minyak")
    script.release("the quarter before the split")
    script.quarter("2022-Q3")
    script.late("64.72", "2022-Q2")
    script.again("91.01", "2022-Q2", 5, written="93.01")
    script.release("the split; late data; a revision of the quarter before it under the new code")
    script.letter("K-1", "64.71", "2022-Q2", "kesehatan", _served("K-KES-03", "64.71", "2022-Q2", 9))
    script.alias("64.74", "Kota Minyak", "2022-Q2")
    script.edit(_second_method("2022-Q3"), Cause("new_method", "2022-Q3"))
    script.release("a letter; a name that nobody knew; another method for a published quarter")
    script.quarter("2022-Q4")
    script.again("93.01", "2022-Q3", 4, "sosial", written="91.01")
    script.release("a quarter by the second method; a sector again, under the old code")
    return script
