"""What moved an index and a rank, in one sentence each, in both languages.

Put here: causes to sentences. Keep out: working the causes out (``index_causes``), words (``messages.csv``).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from pipelines.messages import Message, message, written
from pipelines.reports.index_causes import Cause, RankMove
from pipelines.reports.site.notation import quarter
from pipelines.warehouse.release_tables import Row

MOST_CAUSES = 3
"""Causes that a sentence names; the others are one number."""
_SHOWN = Decimal("0.01")
_CAUSES = {
    "not_sent": "cause.not_sent",
    "sent_again": "cause.sent_again",
    "served_more": "cause.served_more",
    "served_less": "cause.served_less",
    "target_lower": "cause.target_lower",
    "target_higher": "cause.target_higher",
    "quality_better": "cause.quality_better",
    "quality_worse": "cause.quality_worse",
    "services_owed": "cause.services_owed",
    "press": "cause.press",
    "source": "cause.source",
    "method": "cause.method",
}


def cause_said(cause: Cause) -> Message:
    """What a cause is called, with how many services it is about."""
    return message(_CAUSES[cause.cause], count=len(cause.services))


def index_change_said(now: Row, then: Row, causes: Sequence[Cause]) -> Message:
    """The index then and now and what moved it, largest first: one sentence."""
    change = (now["index"] - then["index"]).quantize(_SHOWN, ROUND_HALF_UP)
    told = [_with_points(cause_said(cause), cause.points) for cause in causes[:MOST_CAUSES]]
    if rest := sum((cause.points for cause in causes[MOST_CAUSES:]), Decimal(0)):
        told.append(_with_points(message("cause.rest"), rest))
    given = {
        "index": now["index_display"],
        "points": abs(change),
        "before": period_said(then["period"]),
        "causes": _listed(told),
    }
    if change:
        said = "change.index_rose" if change > 0 else "change.index_fell"
    else:
        said = "change.index_same_by" if told else "change.index_same"
    return message(said, **given)


def rank_change_said(move: RankMove, then: str) -> Message:
    """The rank then and now, and whose doing that is: one sentence."""
    moved = {
        "change.rank_own": move.own,
        "change.rank_others": move.others,
        "change.rank_field": move.field,
    }
    told = [_with_places(message(said), places) for said, places in moved.items() if places]
    given = {
        "rank": move.now,
        "rank_before": move.before,
        "of": move.of_now,
        "places": abs(move.before - move.now),
        "before": period_said(then),
        "causes": _listed(told),
    }
    if move.now != move.before:
        said = "change.rank_rose" if move.now < move.before else "change.rank_fell"
    else:
        said = "change.rank_same_by" if told else "change.rank_same"
    return message(said, **given)


def period_said(period: str) -> Message:
    """A quarter as each language writes it."""
    return Message(quarter(period), period)


def _with_points(what: Message, points: Decimal) -> Message:
    by = written(abs(points))
    sign = "+" if points > 0 else "−"
    return Message(f"{what.indonesian} {sign}{by.indonesian}", f"{what.english} {sign}{by.english}")


def _with_places(what: Message, places: int) -> Message:
    by = f"{'+' if places > 0 else '−'}{abs(places)}"
    return Message(f"{what.indonesian} {by}", f"{what.english} {by}")


def _listed(told: Sequence[Message]) -> Message:
    return Message("; ".join(one.indonesian for one in told), "; ".join(one.english for one in told))
