"""The causes of a change add up to it, and each is called for what it is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.messages import Message
from pipelines.reports.change_said import MOST_CAUSES, index_change_said, rank_change_said
from pipelines.reports.index_causes import (
    CAUSES,
    Cause,
    Method,
    RankMove,
    Side,
    in_hundredths,
    index_causes,
    points_lost,
    rank_move,
)

METHOD = Method(Fraction(8, 10), True)


def side(
    services: dict[str, tuple[str, float | None, float | None]],
    recipients: dict[str, tuple[int, int]] | None = None,
    **score: Any,
) -> Side:
    """A period of one sector whose services have a status, A and B."""
    rows = []
    for code, (status, a, b) in services.items():
        index = None
        if status == "missing":
            index = Decimal(0)
        elif a is not None:
            index = Decimal(str(a if b is None else a * 0.8 + b * 0.2))
        rows.append(
            {
                "service_code": code,
                "sector_code": "sosial",
                "status": status,
                "recipients_index": None if a is None else Decimal(str(a)),
                "quality_index": None if b is None else Decimal(str(b)),
                "index": index,
            }
        )
    known = [row["index"] for row in rows if row["index"] is not None]
    index = sum(known, Decimal(0)) / len(known)
    of = {"index": index, "index_display": index.quantize(Decimal("0.01")), "basis": "submitted"} | score
    sector = {"sector_code": "sosial", "index": index, "basis": of["basis"]}
    sums = {code: (Decimal(owed), Decimal(served)) for code, (owed, served) in (recipients or {}).items()}
    return Side(of, [sector], rows, sums)


def causes(now: Side, then: Side, method: Method | None = METHOD) -> dict[str, Decimal]:
    return {one.cause: one.points for one in index_causes(now, then, 1, method)}


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param((100, 50), (200, 50), {"target_higher": "-20.00"}, id="more-are-owed"),
        pytest.param((200, 50), (100, 50), {"target_lower": "20.00"}, id="fewer-are-owed"),
        pytest.param((100, 50), (100, 75), {"served_more": "20.00"}, id="more-are-served"),
        pytest.param((100, 50), (100, 25), {"served_less": "-20.00"}, id="fewer-are-served"),
        # served: +50 of the target of then, +25 of that of now; target: -25 for those served then, -50 now
        pytest.param(
            (100, 50), (200, 100), {"served_more": "30.00", "target_higher": "-30.00"}, id="both-by-as-much"
        ),
        # full is full: what is served beyond the target moves nothing
        pytest.param((100, 100), (100, 150), {}, id="beyond-the-target"),
    ],
)
def test_recipients_are_divided_over_what_was_served_and_what_was_owed(
    then: tuple[int, int], now: tuple[int, int], expected: dict[str, str]
) -> None:
    def of(owed: int, served: int) -> Side:
        return side({"a": ("reported", min(100 * served / owed, 100), 50)}, {"a": (owed, served)})

    assert causes(of(*now), of(*then)) == {cause: Decimal(points) for cause, points in expected.items()}


def test_sums_that_do_not_make_the_percent_are_not_divided() -> None:
    """Two units, or a value that a rule doubts: whose doing it was is not known from the sums."""
    then = side({"a": ("reported", 50, 50)}, {"a": (100, 10)})
    now = side({"a": ("reported", 25, 50)}, {"a": (900, 10)})
    assert causes(now, then) == {"served_less": Decimal("-20.00")}


def test_a_service_that_is_not_sent_is_a_cause_of_its_own_and_is_named() -> None:
    then = side({"a": ("reported", 80, 80), "b": ("reported", 60, 60), "c": ("missing", None, None)})
    now = side({"a": ("missing", None, None), "b": ("reported", 60, 90), "c": ("reported", 30, 30)})
    found = index_causes(now, then, 1, METHOD)
    assert [(one.cause, one.points, one.services) for one in found] == [
        ("not_sent", Decimal("-26.67"), ("a",)),
        ("sent_again", Decimal("10.00"), ("c",)),
        ("quality_better", Decimal("2.00"), ("b",)),
    ]


def test_a_service_that_nobody_is_owed_any_more_is_not_called_unsent() -> None:
    then = side({"a": ("reported", 80, 80), "b": ("reported", 60, 60)})
    now = side({"a": ("not_applicable", None, None), "b": ("reported", 60, 60)})
    assert causes(now, then) == {"services_owed": Decimal("-10.00")}


def test_another_method_and_figures_of_the_press_are_not_divided() -> None:
    then, now = side({"a": ("reported", 80, 80)}), side({"a": ("reported", 90, 90)})
    assert causes(now, then, None) == {"method": Decimal("10.00")}
    press = side({"a": ("reported", 80, 80)}, basis="published")
    assert causes(now, press) == {"source": Decimal("10.00")}
    assert causes(side({"a": ("reported", 90, 90)}, basis="published"), press) == {"press": Decimal("10.00")}


amounts = st.tuples(st.integers(1, 400), st.integers(0, 500), st.integers(0, 100))


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6))
def test_causes_add_up_to_the_change_as_it_is_shown(pairs: list[Any]) -> None:
    def of(which: int) -> Side:
        services = {
            f"s{at}": ("reported", round(min(100 * pair[which][1] / pair[which][0], 100), 6), pair[which][2])
            for at, pair in enumerate(pairs)
        }
        return side(services, {f"s{at}": pair[which][:2] for at, pair in enumerate(pairs)})

    then, now = of(0), of(1)
    found = index_causes(now, then, 1, METHOD)
    shown = in_hundredths([Fraction(1)], now.score["index"] - then.score["index"])
    assert sum((one.points for one in found), Decimal(0)) == shown[0]
    assert {one.cause for one in found} <= set(CAUSES)
    assert [abs(one.points) for one in found] == sorted((abs(one.points) for one in found), reverse=True)


def test_points_lost_add_up_to_what_the_index_is_short_of() -> None:
    found = side(
        {"a": ("reported", 80, 80), "b": ("missing", None, None), "c": ("not_applicable", None, None)}
    )
    lost = points_lost(found, 1)
    assert lost == {"a": Fraction(10), "b": Fraction(50)}
    assert sum(lost.values()) == 100 - Fraction(found.score["index"])


def test_a_rank_is_moved_by_the_own_index_by_the_others_and_by_who_is_ranked() -> None:
    then = {code: Decimal(index) for code, index in {"a": 90, "b": 80, "me": 70, "d": 60, "gone": 95}.items()}
    now = {code: Decimal(index) for code, index in {"a": 90, "b": 80, "me": 85, "d": 88, "new": 99}.items()}
    found = rank_move("me", now, then)
    # 4 of 5; with 85 among those of then 3; d went past: 4; one left, one came: 4
    assert found == RankMove(before=4, now=4, of_now=5, own=1, others=-1, field=0)
    assert rank_move("new", now, then) is None
    assert rank_move("me", now | {"other": Decimal(100)}, then) == RankMove(4, 5, 6, 1, -1, -1)


def test_a_sentence_names_the_largest_causes_and_sums_the_others_in_both_languages() -> None:
    then = {"index": Decimal("60"), "period": "2024-Q3"}
    now = {"index": Decimal("1260.5"), "index_display": Decimal("1260.50"), "period": "2024-Q4"}
    told = [Cause("served_more", Decimal("1201.25"), ("a",)), Cause("not_sent", Decimal("-2.00"), ("b", "c"))]
    rest = [Cause("quality_better", Decimal("1.00"), ()), Cause("target_lower", Decimal("0.25"), ())]
    said = index_change_said(now, then, [*told, *rest])
    assert len(told) + 1 == MOST_CAUSES
    assert "1.200,50" in said.indonesian
    assert "+1.201,25" in said.indonesian
    assert "layanan tidak dikirim lagi (2) −2,00" in said.indonesian
    assert "TW III 2024" in said.indonesian
    assert "1,200.50" in said.english
    assert "other causes +0.25" in said.english
    rank = rank_change_said(RankMove(40, 45, 93, 2, -6, -1), "2024-Q3")
    assert rank.indonesian.startswith("Peringkat turun 5, dari 40 ke 45 (dari 93 daerah)")
    assert rank.english.endswith(
        "the own index +2; the indexes of other regions −6; regions ranked now or no more −1."
    )
    still = rank_change_said(RankMove(40, 40, 93, 0, 0, 0), "2024-Q3")
    assert isinstance(still, Message)
    assert ":" not in still.indonesian
