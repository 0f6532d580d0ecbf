"""What a region sent for a period and how it was judged: its documents with their counts, every finding.

Reads the tables of a release, or the same tables in a work file. A row without a legible region or period
goes with those of its document where that has just one, or else with those in the document's name: its
sender must hear of it too.

Put here: asking the tables. Keep out: how it is shown (``feedback.book``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from pipelines.registry.periods import all_periods
from pipelines.registry.regions import all_states
from pipelines.warehouse.release_tables import rows_of

# the names are read as in stg_landing__documents, which attributes rejected documents
WHOSE = """
with whose as (
    select
        document_id,
        count(distinct region_code) as regions,
        coalesce(
            case when count(distinct region_code) = 1 then max(region_code) end,
            case when count(region_code) = 0 then nullif(
                regexp_extract(max(name), '(?:^|[/_\\- ])(\\d{{2}}(?:\\.\\d{{2}})?)[_\\- .][^/]*$', 1), ''
            ) end
        ) as only_region,
        coalesce(
            case when count(distinct period) = 1 then max(period) end,
            case when count(period) = 0 then nullif(
                regexp_extract(max(name), '(\\d{{4}}-Q[1-4])[^/]*$', 1), ''
            ) end
        ) as only_period
    from {mart_document}
    group by document_id
)
"""
_DOCUMENTS = (
    WHOSE
    + """
select
    coalesce(region_code, only_region) as region_code, coalesce(period, only_period) as period,
    document_id, sha256, source, name, epoch_us(received_at) as received_us, regions,
    bool_and(is_published_index) as is_published_index, reject_rule,
    sum(rows_received)::int as rows_received, sum(rows_accepted)::int as rows_accepted,
    sum(rows_superseded)::int as rows_superseded, sum(rows_quarantined)::int as rows_quarantined
from {mart_document}
inner join whose using (document_id)
group by all
order by received_us desc, name, document_id
"""
)
_FINDINGS = (
    WHOSE
    + """
select
    coalesce(region_code, only_region) as region_code, coalesce(period, only_period) as period,
    coalesce(left(submission_id, 12), '') as document_id,
    substring(source_ref, strpos(source_ref, ':') + 1) as place,
    rule_id,
    -- what is waived asks for nothing
    case when waiver_id is null then severity else 'info' end as severity,
    coalesce(value, '') as value, message_id, message_en, status,
    coalesce(explanation, '') as explanation,
    coalesce(waiver_reason_id || ' (' || waiver_id || ')', '') as waiver
from {mart_finding}
left join whose on left(submission_id, 12) = whose.document_id
order by all
"""
)
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Document:
    """One received document and what its rows were decided to be; ``regions`` is how many have rows in it.

    One that ``is_published_index`` holds figures of the press, whoever sent it. One that ``waits_for`` a
    quarter is of no release yet.
    """

    document_id: str
    sha256: str
    source: str
    name: str
    received_at: datetime
    regions: int
    is_published_index: bool
    reject_rule: str | None
    rows_received: int
    rows_accepted: int
    rows_superseded: int
    rows_quarantined: int
    waits_for: str = ""

    def with_rows_of(self, other: Document) -> Document:
        """The same document, with its rows in another region or period counted in."""
        return replace(
            self,
            rows_received=self.rows_received + other.rows_received,
            rows_accepted=self.rows_accepted + other.rows_accepted,
            rows_superseded=self.rows_superseded + other.rows_superseded,
            rows_quarantined=self.rows_quarantined + other.rows_quarantined,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, where it is, and its sentence; ``place`` is a cell, a line or a key, or empty.

    ``explanation`` is what the region says of it, ``waiver`` why it is let stand; empty where there is none.
    One of no document (``document_id`` empty) is about the region.
    """

    document_id: str
    place: str
    rule_id: str
    severity: str
    value: str
    message_id: str
    message_en: str
    status: str
    explanation: str = ""
    waiver: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return self.status != "fixed"


@dataclass(frozen=True, slots=True)
class Submission:
    """All that came from a region for a period, newest first; ``None`` where either could not be read."""

    region_code: str | None
    period: str | None
    documents: list[Document] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_report(self) -> bool:
        """Whether it is known whose it is, and more than figures of the press."""
        is_addressed = self.region_code is not None and self.period is not None
        return is_addressed and not all(document.is_published_index for document in self.documents)

    @property
    def is_warned(self) -> bool:
        """Whether nothing of it came, and it has a finding that asks for something."""
        return not self.documents and any(
            found.is_open and found.severity != "info" for found in self.findings
        )

    def count(self, severity: str) -> int:
        """How many findings of a severity stand."""
        return sum(found.is_open and found.severity == severity for found in self.findings)


@dataclass(frozen=True, slots=True)
class IndexChange:
    """The index of a region in a quarter before and after, as it is shown, with its bands; None where there
    is none. ``remark`` is what the two are.
    """

    before: Decimal | None
    before_band: str | None
    after: Decimal | None
    after_band: str | None
    remark: str

    @property
    def moved(self) -> Decimal | None:
        """By how much it moved."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Standing:
    """Who a submission is from and how it stands with its deadline (the last day, Asia/Jakarta).

    ``timeliness`` is ``None`` where it is not judged, ``index`` where nothing was scored.
    """

    region_name: str
    closes_on: date | None
    window_status: str | None
    timeliness: str | None = None
    first_received_at: datetime | None = None
    index: IndexChange | None = None


def submissions(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> list[Submission]:
    """Every submission in ``tables`` (the SQL that reads each mart, by its name), by period and region."""
    found: dict[tuple[str | None, str | None], Submission] = {}
    for row in rows_of(connection, _DOCUMENTS.format(**tables)):
        whose = _whose(row)
        received_at = datetime.fromtimestamp(row.pop("received_us") / 1_000_000, tz=UTC)
        own = found.setdefault(whose, Submission(*whose))
        own.documents.append(Document(received_at=received_at, **row))
    findings = defaultdict(list)
    for row in rows_of(connection, _FINDINGS.format(**tables)):
        findings[_whose(row)].append(Finding(**row))
    # a region that sent nothing is told of what somebody sent in its place, too
    found |= {whose: Submission(*whose) for whose in findings if None not in whose and whose not in found}
    for whose, own in found.items():
        own.findings.extend(sorted(findings[whose], key=_in_order))
    return [found[whose] for whose in sorted(found, key=lambda whose: (whose[1] or "~", whose[0] or "~"))]


def _whose(row: dict[str, Any]) -> tuple[str | None, str | None]:
    region_code, period = row.pop("region_code"), row.pop("period")
    # what stands in a file name need not be a region or a period of ours
    region_codes, periods = _known_codes(), _known_periods()
    return region_code if region_code in region_codes else None, period if period in periods else None


@cache
def _known_codes() -> frozenset[str]:
    return frozenset(state.region_code for state in all_states())


@cache
def _known_periods() -> frozenset[str]:
    return frozenset(map(str, all_periods()))


def _in_order(found: Finding) -> tuple[Any, ...]:
    parts = tuple((int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(found.place))
    return not found.is_open, found.severity != "fatal", found.document_id, parts, found.rule_id
