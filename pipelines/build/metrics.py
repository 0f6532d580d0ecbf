"""The state of a home as metrics, in OpenMetrics text: what node_exporter's textfile collector reads.

Every metric is a gauge without a time: the collector reads the older text format too, which knows no other
kind of OpenMetrics, and refuses times. Names and labels are listed in ``docs/runbooks/operation.md``.

Put here: which metrics, from what. Keep out: the state itself (``build.health``), writing the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, get_args

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pipelines.build import ledger
from pipelines.build.health import Health
from pipelines.messages import printable
from pipelines.provenance.code import package_version
from pipelines.publish.manifest import DamagedReleaseError
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.warehouse.parquet import connect, read

MODE = 0o644
Labels = Mapping[str, str]


def metrics_of(settings: Settings, health: Health) -> str:
    """The text, with its last line ``# EOF``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(settings, health))
    return generate_latest(registry).decode()


def samples_of(text: str) -> list[dict[str, Any]]:
    """The samples of such a text: name, labels, value."""
    return [
        {"name": sample.name, "labels": sample.labels, "value": sample.value}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


class _Collector:
    def __init__(self, settings: Settings, health: Health) -> None:
        self.settings, self.health = settings, health

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every metric, in the order in which they are written."""
        yield from _of_home(self.settings, self.health)
        yield from _of_last_run(self.settings)
        yield from _of_release(self.settings, self.health)


def _of_home(settings: Settings, health: Health) -> Iterator[GaugeMetricFamily]:
    named = {
        "environment": health.environment or "",
        "home": health.home,
        "version": package_version(),
    }
    yield _gauge("spm_home_info", "The installation.", [(named, 1)])
    yield _one("spm_problems", "Things that somebody has to look at (spm status).", len(health.problems))
    yield _one("spm_disk_free_bytes", "Free disk of the home.", health.free_bytes)
    yield _one("spm_disk_least_free_bytes", "What SPM_LEAST_FREE_MB asks for.", settings.least_free_bytes)
    yield _one("spm_writer_active", "Whether somebody writes in the home now.", health.writer is not None)
    due = [({"period": period}, 1) for period in health.due]
    yield _gauge("spm_period_due", "Quarters whose windows closed and that are not published.", due)
    yield _one("spm_periods_due", "How many quarters are due.", len(health.due))
    up = [({"service": service.name}, service.is_well) for service in health.services]
    yield _gauge("spm_service_up", "Whether a service that the home needs answers.", up)
    seen = [
        ({"service": service.name}, service.seen_at.timestamp())
        for service in health.services
        if service.seen_at is not None
    ]
    yield _gauge("spm_service_seen_timestamp_seconds", "When a service last said that it lives.", seen)


def _of_last_run(settings: Settings) -> Iterator[GaugeMetricFamily]:
    runs = ledger.entries(settings)
    by_ending = [
        ({"ended": ending}, sum(run.ended == ending for run in runs)) for ending in get_args(ledger.Ending)
    ]
    yield _gauge("spm_ledger_runs", "Runs in the ledger, by how they ended.", by_ending)
    last = next((run for run in runs if run.ended != "running"), None)
    if last is None:
        return
    named = {"run": last.run_id, "door": last.door, "release": last.release_id or ""}
    yield _gauge("spm_last_run_info", "The last run that is over.", [(named, 1)])
    endings = [({"ended": ending}, ending == last.ended) for ending in get_args(ledger.Ending)]
    yield _gauge("spm_last_run_ended", "How it ended: 1 for that word, 0 for the others.", endings)
    yield _one("spm_last_run_start_timestamp_seconds", "When it began.", last.started_at.timestamp())
    if last.ended_at is not None and last.seconds is not None:
        yield _one("spm_last_run_end_timestamp_seconds", "When it ended.", last.ended_at.timestamp())
        yield _one("spm_last_run_duration_seconds", "How long it took.", last.seconds)
    stages = {stage.name: stage.seconds for stage in last.stages}
    yield _gauge(
        "spm_last_run_stage_duration_seconds",
        "How long each of its steps took.",
        [({"stage": name}, seconds) for name, seconds in stages.items()],
    )
    closed = [({"period": period}, len(checks)) for period, checks in sorted(last.closed.items())]
    yield _gauge("spm_last_run_gate_closing_checks", "Checks that closed its gate, by period.", closed)
    yield _one("spm_last_run_gate_closed", "Whether its gate closed for a period.", bool(last.closed))
    yield _one("spm_last_run_sources_incomplete", "Sources that were incomplete.", len(last.incomplete))
    yield _one(
        "spm_last_run_database_failed", "Whether the database lacks its release.", last.database_failed
    )


def _of_release(settings: Settings, health: Health) -> Iterator[GaugeMetricFamily]:
    pin = health.pin
    yield _one("spm_release_pinned", "Whether a release is pinned.", pin is not None)
    if health.release_id is None or health.published_at is None:
        return
    published = datetime.fromisoformat(health.published_at)
    yield _gauge("spm_release_info", "The current release.", [({"release": health.release_id}, 1)])
    yield _one("spm_release_published_timestamp_seconds", "When it was published.", published.timestamp())
    age = (settings.clock() - published).total_seconds()
    yield _one("spm_release_age_seconds", "How old it is.", max(age, 0))
    yield _one("spm_release_periods", "Quarters in it.", len(health.periods))
    counts = _counts(settings, health.release_id)
    if counts is None:
        return
    refused, findings = counts
    yield _gauge("spm_release_documents_refused", "Documents that it could not take.", refused)
    yield _gauge("spm_release_findings", "Findings in it, by severity.", findings)


def _counts(
    settings: Settings, release_id: str
) -> tuple[list[tuple[Labels, float]], list[tuple[Labels, float]]] | None:
    """Documents refused and findings, by period; none where the release is not as it was published."""
    try:
        folder = Releases(settings.published).folder(release_id)
    except DamagedReleaseError:
        return None
    with connect(settings.threads, settings.memory_limit, settings.work) as connection:
        refused = connection.execute(
            "select coalesce(period, ''), count(*) filter (where reject_rule is not null)"
            f" from {read(folder / 'mart_document.parquet')} group by 1 order by 1"
        ).fetchall()
        findings = connection.execute(
            "select coalesce(period, ''), severity, count(*)"
            f" from {read(folder / 'mart_finding.parquet')} group by 1, 2 order by 1, 2"
        ).fetchall()
    return (
        [({"period": period}, count) for period, count in refused],
        [({"period": period, "severity": severity}, count) for period, severity, count in findings],
    )


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return _gauge(name, what, [({}, value)])


def _gauge(name: str, what: str, samples: Iterable[tuple[Labels, float]]) -> GaugeMetricFamily:
    """A family of samples that have the same labels."""
    found = list(samples)
    labels = list(found[0][0]) if found else []
    family = GaugeMetricFamily(name, what, labels=labels)
    for named, value in found:
        family.add_metric([printable(named[label]) for label in labels], float(value))
    return family
