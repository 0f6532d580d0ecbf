"""``spm check``: the findings that a run would give for some files, in a home that is thrown away.

The same readers, models and rules as a run; nothing is kept, published or compared with past reports.

Put here: that throw-away run. Keep out: rules (``rules.csv``), printing (``cli.show``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines import progress
from pipelines.build import steps
from pipelines.errors import ConfigurationError
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.messages import cause, say
from pipelines.readers.child import lines_in_child
from pipelines.readers.dispatch import DOCUMENTS
from pipelines.registry.personal_data import masked, masked_key
from pipelines.reports.index_after import MODELS
from pipelines.settings import Limits, read_settings
from pipelines.sources.config import load_sources
from pipelines.sources.files.local import NoDocumentError, local_file
from pipelines.sources.of_files import Checked, reading_of
from pipelines.storage.scratch import scratch_folder
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject
from pipelines.warehouse import compiled, dbt
from pipelines.warehouse.personal_rows import ROWS
from pipelines.warehouse.release_tables import rows_of
from pipelines.warehouse.unread import told_periods
from pipelines.warehouse.work_file import received_periods

if TYPE_CHECKING:
    from pipelines.readers.layouts.reading import Line

FINDINGS = "mart_finding"
"""The model that is built, with all that it is made from."""
RECEIPT_RULES = ("TIM-002", "TIM-003", "TIM-005")
"""Rules on the receipt of a document: a file that is only checked was not received."""


Readings = Sequence[Checked]
"""Files, each with how it is read."""


def readings_of(
    files: Sequence[Path], sources_file: Path | None = None, source: str | None = None
) -> Readings:
    """How each file is read: by the source of ``sources_file`` that it belongs to, else in our own shape.

    Raises:
        ConfigurationError: the sources file cannot be used, or a file belongs to none or several of it.
    """
    if sources_file is None:
        return [Checked(file, ReadingSpec(name=f"check_{_kind(file)}", kind=_kind(file))) for file in files]
    sources = load_sources(sources_file)
    return [reading_of(file, _kind(file), sources, source) for file in files]


def layout_lines(readings: Readings, limits: Limits) -> Iterator[tuple[Path, list[Line] | Reject]]:
    """What each line of each file became by the layout of its source, or why it is not read.

    Raises:
        ConfigurationError: a source has no layout.
    """
    for file, spec, *_ in readings:
        if spec.layout is None:
            raise ConfigurationError(say("layout.no_layout", at=spec.name))
        found = lines_in_child(_raw_file(file, limits), spec, limits)
        if isinstance(found, Reject):
            yield file, replace(found, place=masked_key(found.place).text, value=masked(found.value).text)
        else:
            yield file, [_shown(line) for line in found]


def _shown(line: Line) -> Line:
    """A line without personal data, as a run keeps it."""
    rows = [
        {
            name: (ROWS.get(name, masked)(text).text if text else text, masked_key(place).text)
            for name, (text, place) in row.items()
        }
        for row in line.rows
    ]
    return replace(line, why=masked(line.why).text, rows=rows)


def check_files(readings: Readings, feedback: Path | None = None) -> list[dict[str, Any]]:
    """Each finding: document, place, rule_id, severity, region_code, period, value, message_id, message_en.

    Files of one call are judged together, as if they had been sent in the order of their names. The files
    with their findings in them are written to the workbook ``feedback``.
    """
    with judged(readings, feedback) as work_file:
        return findings_of(work_file)


@contextmanager
def judged(readings: Readings, feedback: Path | None = None, models: Sequence[str] = ()) -> Iterator[Path]:
    """A work file with the findings of ``readings``, and with ``models`` besides; gone after the block."""
    with scratch_folder("check") as folder:
        settings = replace(read_settings(), home=folder)
        store = RawStore(settings.raw)
        progress.step(say("check.reading"))
        by_reading: dict[tuple[str, str], list[Checked]] = {}
        for one in sorted(readings, key=lambda one: one.file):
            by_reading.setdefault((one.spec.name, one.spec.canonical_json()), []).append(one)
        for (name, reading), files in by_reading.items():
            raw_files = (_document(one, settings.limits) for one in files)
            store.receive(name, reading, raw_files, settings.clock())
        land(store, settings.landing, settings.workers, settings.limits)
        work_file = folder / "work" / dbt.WORK_FILE_NAME
        # a refused document is told, too, whatever its period
        periods = received_periods(settings.landing) | told_periods(settings.landing)
        steps.make_work(settings, work_file, sorted(periods))
        progress.step(say("check.judging"))
        asked = [FINDINGS, *models] if feedback is None else [FINDINGS, "mart_document", *MODELS, *models]
        built = compiled.project(settings.threads, settings.memory_limit).models_of(asked)
        compiled.build(work_file, built, settings.threads, settings.memory_limit)
        _leave_out_receipts(work_file)
        if feedback is not None:
            # late: a check without it need not wait for XlsxWriter
            from pipelines.reports.feedback.workbooks import write_check_feedback

            progress.step(say("feedback.step"))
            published = read_settings().published
            write_check_feedback(feedback, work_file, settings.raw, settings.limits, published)
        yield work_file


def _document(one: Checked, limits: Limits) -> RawFile:
    found = replace(_raw_file(one.file, limits), folder=one.folder)
    return found if one.name is None else replace(found, name=one.name)


def _kind(file: Path) -> str:
    ending = file.suffix.lower()
    return next((name for name, kind in DOCUMENTS.items() if ending in kind.endings), "csv")


def _raw_file(path: Path, limits: Limits) -> RawFile:
    try:
        return replace(local_file(path, limits.file_bytes), name=str(path))
    except NoDocumentError as error:
        raise ConfigurationError(f"{path}: {cause(error)}") from error


def _leave_out_receipts(work_file: Path) -> None:
    with duckdb.connect(str(work_file)) as connection:
        connection.execute(
            "delete from marts.mart_finding where rule_id in (select unnest($rules))",
            {"rules": RECEIPT_RULES},
        )


def findings_of(work_file: Path) -> list[dict[str, Any]]:
    """The findings in a work file that was ``judged``, the fatal ones first."""
    with duckdb.connect(str(work_file), read_only=True) as connection:
        return rows_of(
            connection,
            """
            select
                documents.name as document,
                substring(findings.source_ref, strpos(findings.source_ref, ':') + 1) as place,
                findings.rule_id,
                findings.severity,
                findings.region_code,
                findings.period,
                findings.service_code,
                findings.value,
                findings.message_id,
                findings.message_en
            from marts.mart_finding as findings
            left join staging.stg_landing__documents as documents
                on left(findings.source_ref, 12) = documents.document_id
            order by
                list_position(['fatal', 'warning', 'info'], findings.severity),
                documents.name, findings.source_ref, findings.rule_id
            """,
        )
