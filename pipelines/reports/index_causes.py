"""Why an index and a rank moved between two periods: a few causes with their points, which add up.

Of a service whose index moved, the part of its recipients is divided over what was served and what was owed
(the mean of both orders in which the two may have changed), the rest is quality. A service that was sent in
one of the two periods alone is a cause of its own, and so are services that entered or left the means. Of a
rank: the places that the own index moved among the regions as they were, then what the others did.

Put here: that arithmetic, on published rows. Keep out: the cells behind (``movement``), sentences
(``change_said``), reading rows of a release (``site.card_changes``, ``movement``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from pipelines.warehouse.release_tables import Row, grouped

CAUSES = (
    "not_sent",
    "sent_again",
    "served_more",
    "served_less",
    "target_lower",
    "target_higher",
    "quality_better",
    "quality_worse",
    "services_owed",
    "press",
    "source",
    "method",
)
"""Every cause; of two that move an index by as much the first here is told first."""
_HUNDRED = Fraction(100)
_SHOWN = Decimal("0.01")
_NEAR = Fraction(1, 10**5)
"""Published percents are rounded to millionths: one that lies farther off was not made from these sums."""


@dataclass(frozen=True, slots=True)
class Part:
    """What an index is a weighted mean of: a service, a sector with an index of the press, or a total."""

    value: Decimal
    weight: Fraction
    row: Row


@dataclass(frozen=True, slots=True)
class Side:
    """One of two periods of a region: its score, its sectors and services, the recipients by service.

    ``recipients`` are target and realised summed over the rows of a service that has one unit alone.
    """

    score: Row
    sectors: Sequence[Row]
    services: Sequence[Row]
    recipients: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def parts(self, sectors_owed: int) -> dict[str, Part]:
        """The parts of the index by service or sector code."""
        sectors = [row for row in self.sectors if row["index"] is not None]
        if self.score["basis"] == "published" and len(sectors) < sectors_owed:
            return {"total": Part(self.score["index"], Fraction(1), self.score)}
        scored = grouped((row for row in self.services if row["index"] is not None), "sector_code")
        found = {}
        for sector in sectors:
            own = scored.get(sector["sector_code"], [])
            if sector["basis"] == "published" or not own:
                found[sector["sector_code"]] = Part(sector["index"], Fraction(1, len(sectors)), sector)
                continue
            weight = Fraction(1, len(sectors) * len(own))
            found |= {row["service_code"]: Part(row["index"], weight, row) for row in own}
        return found

    def is_missing(self, code: str) -> bool:
        """Whether a service is owed here and was not sent."""
        return any(row["service_code"] == code and row["status"] == "missing" for row in self.services)


@dataclass(frozen=True, slots=True)
class Method:
    """What of a method the division needs: the weight of recipients (0 to 1), and whether 100 is the most."""

    weight: Fraction
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause, its points of the index in hundredths, and the services it is about, the most moved first."""

    cause: str
    points: Decimal
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankMove:
    """The rank then and now, and by how many places (more is better) each of three things moved it.

    ``others``: the regions ranked in both periods have other indexes; ``field``: regions are ranked now that
    were not then, or no more.
    """

    before: int
    now: int
    of_now: int
    own: int
    others: int
    field: int


def index_causes(now: Side, then: Side, sectors_owed: int, method: Method | None) -> list[Cause]:
    """The causes of the change of an index, largest first; they add up to the change as it is shown.

    ``method`` is that of both periods; without one (two methods) all is one cause.
    """
    change = now.score["index"] - then.score["index"]
    parts: list[tuple[str, str, Fraction]] = []
    bases = {now.score["basis"], then.score["basis"]}
    if bases != {"submitted"}:
        parts = [("press" if len(bases) == 1 else "source", "", Fraction(change))]
    elif method is None:
        parts = [("method", "", Fraction(change))]
    else:
        parts = list(_parts_moved(now, then, sectors_owed, method))
    points: dict[str, Fraction] = defaultdict(Fraction)
    services: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for cause, service, moved in parts:
        points[cause] += moved
        if service:
            services[cause][service] += moved
    order = sorted(points, key=lambda cause: (-abs(points[cause]), CAUSES.index(cause)))
    settled = in_hundredths([points[cause] for cause in order], change)
    found = [
        Cause(cause, moved, tuple(sorted(of, key=lambda code: (-abs(of[code]), code))))
        for cause, moved in zip(order, settled, strict=True)
        if moved
        for of in (services[cause],)
    ]
    # a hundredth that makes the sum right may put one of equals before the other
    return sorted(found, key=lambda one: -abs(one.points))


def _parts_moved(
    now: Side, then: Side, sectors_owed: int, method: Method
) -> Iterable[tuple[str, str, Fraction]]:
    """Cause, service and points of each part of the change."""
    after, before = now.parts(sectors_owed), then.parts(sectors_owed)
    for code in sorted({*after, *before}):
        new, old = after.get(code), before.get(code)
        if new is not None and old is not None:
            if new.weight != old.weight:
                yield "services_owed", "", (new.weight - old.weight) * Fraction(new.value + old.value) / 2
            by = (new.weight + old.weight) / 2
            for cause, moved in _service(code, new.row, old.row, now, then, method):
                yield cause, code, by * moved
        elif new is not None:
            cause = "sent_again" if then.is_missing(code) else "services_owed"
            yield cause, code, new.weight * Fraction(new.value)
        elif old is not None:
            cause = "not_sent" if now.is_missing(code) else "services_owed"
            yield cause, code, -old.weight * Fraction(old.value)


def _service(
    code: str, new: Row, old: Row, now: Side, then: Side, method: Method
) -> Iterable[tuple[str, Fraction]]:
    """The causes of the change of one service, in points of its own index."""
    change = Fraction(new["index"] - old["index"])
    statuses = (old.get("status"), new.get("status"))
    if "missing" in statuses:
        if statuses[0] != statuses[1]:
            yield ("sent_again" if statuses[0] == "missing" else "not_sent"), change
        return
    share = method.weight
    if new.get("quality_index") is None and old.get("quality_index") is None:
        share = Fraction(1)
    recipients = Fraction(0)
    if new.get("recipients_index") is not None and old.get("recipients_index") is not None:
        recipients = share * Fraction(new["recipients_index"] - old["recipients_index"])
    by_target = share * _by_target(code, new, old, now, then, method)
    for moved, causes in (
        (recipients - by_target, ("served_more", "served_less")),
        (by_target, ("target_lower", "target_higher")),
        (change - recipients, ("quality_better", "quality_worse")),
    ):
        if moved:
            yield causes[0 if moved > 0 else 1], moved


def _by_target(code: str, new: Row, old: Row, now: Side, then: Side, method: Method) -> Fraction:
    """What of the change of a service's percent of recipients its target did; 0 where sums do not make it."""
    sums_then, sums_now = then.recipients.get(code), now.recipients.get(code)
    if sums_then is None or sums_now is None:
        return Fraction(0)
    (owed_then, served_then), (owed_now, served_now) = sums_then, sums_now
    if owed_then <= 0 or owed_now <= 0:
        return Fraction(0)

    def percent(served: Decimal, owed: Decimal) -> Fraction:
        reached = _HUNDRED * Fraction(served) / Fraction(owed)
        return min(reached, _HUNDRED) if method.is_capped else reached

    for served, owed, row in ((served_then, owed_then, old), (served_now, owed_now, new)):
        if abs(percent(served, owed) - Fraction(row["recipients_index"] or 0)) > _NEAR:
            return Fraction(0)
    first = percent(served_then, owed_now) - percent(served_then, owed_then)
    last = percent(served_now, owed_now) - percent(served_now, owed_then)
    return (first + last) / 2


def points_lost(side: Side, sectors_owed: int) -> dict[str, Fraction]:
    """By service or sector code, the points that keep the index from 100; they add up to 100 less it."""
    return {
        code: part.weight * (_HUNDRED - Fraction(part.value))
        for code, part in side.parts(sectors_owed).items()
    }


def in_hundredths(parts: Sequence[Fraction], total: Decimal) -> list[Decimal]:
    """The parts in hundredths of a point, adding up to the total as it is shown (half up).

    Each is cut off, and those that lost most get one more; what rounding of published numbers left over goes
    to the largest.
    """
    whole = int(total.quantize(_SHOWN, ROUND_HALF_UP) * 100)
    cut = [part * 100 // 1 for part in parts]
    by_loss = sorted(range(len(parts)), key=lambda at: (cut[at] - parts[at] * 100, at))
    missing = whole - sum(cut)
    for at in by_loss[: max(missing, 0)]:
        cut[at] += 1
    if cut and (rest := whole - sum(cut)):
        largest = max(range(len(parts)), key=lambda at: (abs(parts[at]), -at))
        cut[largest] += rest
    return [Decimal(int(each)).scaleb(-2) for each in cut]


def _rank(index: Decimal, but: str, among: Mapping[str, Decimal]) -> int:
    """The rank of an index among the others; ties share the lowest."""
    others = sorted(value for code, value in among.items() if code != but)
    return 1 + len(others) - bisect_right(others, index)


def rank_move(region: str, now: Mapping[str, Decimal], then: Mapping[str, Decimal]) -> RankMove | None:
    """What moved the rank of a region; none where it is not ranked in both periods.

    ``now`` and ``then`` are the indexes of the ranked regions of its level, by the code that each has today.
    """
    new, old = now.get(region), then.get(region)
    if new is None or old is None:
        return None
    before = _rank(old, region, then)
    own = _rank(new, region, then)
    # who was ranked then and now has the index of now, who left the ranking still stands in it
    others = _rank(new, region, {code: now.get(code, value) for code, value in then.items()})
    last = _rank(new, region, now)
    return RankMove(before, last, len(now), before - own, own - others, others - last)
