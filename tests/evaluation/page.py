"""docs/rule-recall.md: what the rules find of what is planted, as a generated page.

Put here: its words and the goals. Keep out: the counts (``compared``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, groupby

from pipelines.registry.rules import rules
from pipelines.settings import PROJECT_DIR
from spm_sample.errors import KINDS
from tests.evaluation.compared import Compared, Recall
from tests.evaluation.sets import LASTING, ReportSet

PAGE = PROJECT_DIR / "docs" / "rule-recall.md"
COMMAND = "make evaluate"
LEAST_FATAL, LEAST_OTHER, LEAST_CELL, MOST_FLAGGED = 0.99, 0.90, 0.99, 0.01
"""Goals: recall of fatal kinds and of the others, right cell among the found, clean things flagged."""
SCOPES = {
    "row": "clean rows",
    "region_sector": "clean sectors of a report",
    "region": "reports without an error",
}
NOT_PLANTED = {
    "COR-001": "needs a row in corrections.csv",
    "DOC-006": "answers of an API, no file",
    "DOC-016": "a reading that is stopped, no file that is wrong",
    "DOC-020": "a sample is made up as a whole",
    "ITM-003": "no quality item of the catalogue has ended",
    "LAY-001": "needs a layout in the sources file",
    "LAY-002": "needs a layout in the sources file",
    "LAY-003": "needs a layout in the sources file",
    "NUM-006": "periods before 2019",
    "PER-002": "a source that serves certain quarters",
    "ROW-002": "rows of an API or a database",
    "TIM-005": "a set is read with the times of its store",
    "WHO-001": "needs sources that serve certain regions",
    "WHO-002": "needs documents of two sources",
    "WHO-003": "needs sources that serve certain regions",
    "WVR-001": "needs a row in waivers.csv",
    "WVR-002": "needs a row in waivers.csv",
}
"""Why no kind of the sample breaks a rule, where there is a reason."""


def missed_goals(found: Compared) -> list[str]:
    """Which goals are not reached, one sentence each."""
    said = []
    for (kind, rule_id), recall in found.recalls.items():
        least = LEAST_FATAL if recall.fatal else LEAST_OTHER
        if recall.share < least:
            said.append(f"{kind} by {rule_id}: {recall.found} of {recall.planted} found, goal {least:.0%}")
    at_cell, of_found = (
        sum(getattr(r, name) for r in found.recalls.values()) for name in ("at_cell", "found")
    )
    if at_cell < LEAST_CELL * of_found:
        said.append(f"right cell: {at_cell} of {of_found}, goal {LEAST_CELL:.0%}")
    for scope, looked_at in found.looked_at.items():
        if found.flagged.get(scope, 0) > MOST_FLAGGED * looked_at:
            said.append(
                f"{found.flagged[scope]} of {looked_at} {SCOPES[scope]} flagged, goal {MOST_FLAGGED:.0%}"
            )
    return said


def page(found: Compared, sets: Sequence[ReportSet]) -> str:
    """The page in Markdown; the same counts give the same text."""
    parts = [_head(found, sets), _recalls(found), _unruled(found), _clean(found), _rest(found)]
    return "\n".join([*chain.from_iterable(parts), ""])


def _head(found: Compared, sets: Sequence[ReportSet]) -> Iterator[str]:
    kinds = {kind for kind, _ in found.recalls}
    yield "# What the rules find"
    yield ""
    yield f"Written by `{COMMAND}`; do not edit. Errors of {len(kinds)} kinds are planted in made-up reports,"
    yield "in regions and cells drawn by a seed (`spm sample DIR --error list` tells what each kind is), and"
    yield "the findings of a release are held against them. They stand in the last quarter of a set, over"
    yield "clean ones: a slip shows again in the quarter after it, which compares with it."
    yield ""
    yield "| set | seed | quarters | regions |"
    yield "|---|---|---|---|"
    for one in sets:
        yield f"| {one.name.rstrip('0123456789 ')} | {one.seed} | {', '.join(one.periods)} | {one.regions} |"
    yield ""
    yield "| goal | reached |"
    yield "|---|---|"
    for label, fatal, least in (("fatal", True, LEAST_FATAL), ("other", False, LEAST_OTHER)):
        own = [recall for recall in found.recalls.values() if recall.fatal == fatal]
        lowest = min(own, key=lambda recall: recall.share, default=Recall(0, 0, 0, fatal))
        total = _total(own)
        yield (
            f"| {label} kinds: at least {least:.0%} found | {_percent(total.found, total.planted)} of"
            f" {total.planted}; lowest kind {_percent(lowest.found, lowest.planted)} |"
        )
    everything = _total(list(found.recalls.values()))
    yield f"| right cell in {LEAST_CELL:.0%} | {_percent(everything.at_cell, everything.found)} |"
    for scope, words in SCOPES.items():
        looked_at, flagged = found.looked_at.get(scope, 0), found.flagged.get(scope, 0)
        share = _percent(flagged, looked_at)
        yield f"| at most {MOST_FLAGGED:.0%} of {words} flagged | {share} of {looked_at} |"
    missed = missed_goals(found)
    yield ""
    yield f"Goals missed: {'; '.join(missed) if missed else 'none'}."
    yield ""


def _recalls(found: Compared) -> Iterator[str]:
    yield "## Kinds"
    yield ""
    yield "A kind may break more than one rule; each is a line. Severity is that of the rule."
    yield ""
    yield "| kind | rule | severity | planted | found | right cell |"
    yield "|---|---|---|---|---|---|"
    order = {name: number for number, name in enumerate(KINDS)}
    for (kind, rule_id), recall in sorted(
        found.recalls.items(), key=lambda one: (order[one[0][0]], one[0][1])
    ):
        found_share, cell = _percent(recall.found, recall.planted), _percent(recall.at_cell, recall.found)
        severity = rules()[rule_id].severity
        yield f"| `{kind}` | {rule_id} | {severity} | {recall.planted} | {found_share} | {cell} |"
    yield ""


def _unruled(found: Compared) -> Iterator[str]:
    yield "Kinds that no rule is to find; most are no error:"
    yield ""
    yield "| kind | planted | flagged | what it is |"
    yield "|---|---|---|---|"
    for name, kind in KINDS.items():
        planted, flagged = found.unruled.get(name, (0, 0))
        if not kind.rule_id:
            lasting = " (lasts all year, not planted here)" if name in LASTING else ""
            yield f"| `{name}` | {planted} | {flagged} | {kind.description}{lasting} |"
    yield ""
    yield "`nobody_owed` is flagged where the quarter before told of people served: a fall (VAL-004)."
    yield ""


def _clean(found: Compared) -> Iterator[str]:
    yield "## Clean rows flagged"
    yield ""
    yield "| scope | rule | flagged | of |"
    yield "|---|---|---|---|"
    for scope, group in groupby(sorted(found.by_rule.items()), key=lambda one: one[0][0]):
        looked_at = found.looked_at[scope]
        for (_, rule_id), flagged in group:
            share = _percent(flagged, looked_at)
            yield f"| {SCOPES[scope]} | {rule_id} | {flagged} ({share}) | {looked_at} |"
    yield ""
    yield "A rule that is not named flagged none."
    yield ""


def _rest(found: Compared) -> Iterator[str]:
    yield "## Rules without a kind"
    yield ""
    yield "Their fixtures (`tests/rules/fixtures`) judge them."
    yield ""
    yield "| rule | why |"
    yield "|---|---|"
    planted = {rule_id for _, rule_id in found.recalls}
    for rule_id in sorted(set(rules()) - planted):
        yield f"| {rule_id} | {NOT_PLANTED.get(rule_id, 'no kind yet')} |"


def _total(recalls: Sequence[Recall]) -> Recall:
    return sum(recalls[1:], recalls[0]) if recalls else Recall(0, 0, 0, False)


def _percent(part: int, whole: int) -> str:
    """Cut off, never rounded up: 99.99 is not 100."""
    if not whole:
        return "-"
    tenths = part * 1000 // whole
    if whole and part * 100 < whole:  # small shares to a hundredth, rounded up
        return f"{Decimal(-(-part * 10_000 // whole)) / 100} %"
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"
