"""What regions have to correct before a quarter can be published: by region, document and cell.

It is known without a release: from the candidate whose gate closed. Beside the page on a closed gate it is
kept as a CSV file, which a spreadsheet opens.

Put here: that list, its file. Keep out: feedback workbooks (``feedback``), the page (``quality.page``).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import duckdb

from pipelines.messages import Message, printable
from pipelines.registry.personal_data import masked
from pipelines.registry.regions import all_states
from pipelines.registry.rules import rules
from pipelines.reports.feedback.look import FATAL
from pipelines.reports.received import submissions
from pipelines.warehouse.parquet import read

_TABLES = ("mart_document", "mart_finding")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ToCorrect:
    """One thing to correct: whose, in which document and cell, what is wrong and how to fix it.

    ``region_code`` and ``period`` are empty where neither can be read; ``document`` is empty where nothing
    came. ``owner`` is who answers for the rule.
    """

    period: str
    region_code: str
    region_name: str
    document: str
    place: str
    rule_id: str
    owner: str
    message_id: str
    message_en: str

    def __str__(self) -> str:
        """One line: document and place, then the sentence."""
        where = f"{self.document} {self.place}".strip()
        said = str(Message(self.message_id, self.message_en))
        return f"{where}: {said}" if where else said

    @property
    def whose(self) -> str:
        """The region, for people."""
        return f"{self.region_name} ({self.region_code})" if self.region_code else "-"


def to_correct(tables: Path, periods: Sequence[str]) -> list[ToCorrect]:
    """What stands against the documents of ``periods`` in the folder ``tables`` of marts, and against those
    that name no period; by period, region, document and place.
    """
    names = {state.region_code: state.region_name for state in all_states()}
    with duckdb.connect() as connection:
        found = submissions(connection, {table: read(tables / f"{table}.parquet") for table in _TABLES})
    documents = {one.document_id: one.name for own in found for one in own.documents}
    return [
        ToCorrect(
            period=own.period or "",
            region_code=own.region_code or "",
            region_name=names.get(own.region_code or "", ""),
            document=printable(masked(documents.get(finding.document_id, "")).text),
            place=printable(finding.place),
            rule_id=finding.rule_id,
            owner=rules()[finding.rule_id].owner if finding.rule_id in rules() else "",
            message_id=printable(finding.message_id),
            message_en=printable(finding.message_en),
        )
        for own in found
        if own.period is None or own.period in periods
        for finding in own.findings
        if finding.is_open and finding.severity == FATAL
    ]


def by_region(found: Iterable[ToCorrect]) -> dict[str, list[ToCorrect]]:
    """The list by region, those with most to correct first; what no region can be read from last."""
    listed = list(found)
    count = Counter(one.region_code for one in listed)
    order = sorted(count, key=lambda code: (not code, -count[code], code))
    return {code: [one for one in listed if one.region_code == code] for code in order}


def as_csv(found: Iterable[ToCorrect]) -> bytes:
    """The list as CSV; a text that a spreadsheet would take for a formula stands behind an apostrophe."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(ToCorrect)], lineterminator="\n")
    writer.writeheader()
    for one in found:
        writer.writerow(
            {
                name: f"'{value}" if value.lstrip().startswith(_FORMULA) else value
                for name, value in asdict(one).items()
            }
        )
    return text.getvalue().encode()


def list_beside(page: Path) -> list[ToCorrect]:
    """The list that was kept with the page on a closed gate; empty where it is gone."""
    try:
        text = page.with_suffix(".csv").read_text(encoding="utf-8")
    except OSError:
        return []
    names = [field.name for field in fields(ToCorrect)]
    return [
        ToCorrect(**{name: row.get(name) or "" for name in names})
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]
