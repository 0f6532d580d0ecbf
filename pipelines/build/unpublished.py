"""Feedback without a release: what regions have to correct in quarters whose gate closed, or whose documents
were all refused.

The findings are those of a build of what was received, in a work file that is thrown away.

Put here: which quarters these are, that build. Keep out: the workbooks (``reports.feedback``).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines import progress
from pipelines.build import steps
from pipelines.build.standing import held_periods
from pipelines.messages import say
from pipelines.publish.releases import Releases
from pipelines.registry.periods import Period
from pipelines.reports.feedback.workbooks import FeedbackWritten, write_unpublished_feedback
from pipelines.reports.index_after import MODELS
from pipelines.settings import Settings
from pipelines.storage.scratch import scratch_folder
from pipelines.warehouse import compiled, dbt
from pipelines.warehouse.unread import told_periods
from pipelines.warehouse.work_file import received_periods

_MODELS = ("mart_document", "mart_finding", *MODELS)


def unpublished_periods(settings: Settings, asked: Sequence[Period] | None = None) -> list[Period]:
    """Those of ``asked`` that a run could not publish, or that something was received for and no release has.

    Without ``asked``: those that a run could not publish; where nothing is published and there are none, the
    latest that something was received for.
    """
    current = Releases(settings.published).current()
    published = set(current.content.periods) if current else set()
    held = set(held_periods(settings))
    if asked is None and (held or published):
        return [Period.parse(period) for period in sorted(held)]
    received = (received_periods(settings.landing) | told_periods(settings.landing)) - published
    if asked is None:
        return [Period.parse(max(received))] if received else []
    return [period for period in asked if str(period) in held | received]


def write_unpublished(
    settings: Settings, periods: Sequence[Period], region: str | None = None
) -> FeedbackWritten:
    """Write the workbooks of ``periods`` that no release has.

    Raises:
        RegionNotFoundError, AmbiguousRegionError: no region, or more than one, has the name.
    """
    with scratch_folder("report", settings.scratch) as folder:
        work_file = folder / dbt.WORK_FILE_NAME
        steps.make_work(settings, work_file, [str(period) for period in periods])
        progress.step(say("check.judging"))
        models = compiled.project(settings.threads, settings.memory_limit).models_of(_MODELS)
        compiled.build(work_file, models, settings.threads, settings.memory_limit)
        return write_unpublished_feedback(settings, work_file, periods, region)
