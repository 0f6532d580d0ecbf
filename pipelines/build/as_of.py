"""``--as-of``: the figures as they would have been with what was known on a day.

Knowledge is the receipt of documents: those that came later are left out, and no release is leant on,
because its findings and changes may know more. Nothing of it is published.

Put here: building the tables of then. Keep out: the steps of a build (``build.steps``), what is shown of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from itertools import chain
from pathlib import Path

from pipelines.build import steps
from pipelines.errors import ConfigurationError
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.messages import say
from pipelines.registry.comparisons import compared_with
from pipelines.registry.periods import Period, all_periods
from pipelines.registry.windows import JAKARTA
from pipelines.settings import Settings
from pipelines.storage.lock import one_writer
from pipelines.storage.scratch import scratch_folder
from pipelines.warehouse import dbt
from pipelines.warehouse.work_file import Knowledge, received_periods

NOTE = """Angka menurut dokumen yang diterima sampai {instant}. Bukan rilis resmi.
Figures by the documents received until {instant}. Not an official release.
"""
QUARTERS_BEFORE = 4
"""Quarters built before the asked ones: changes since the last period and the last year need them. The
quarters that findings compare with are built, too."""


class AsOfError(ConfigurationError):
    """The text is neither a day nor a time with a zone."""


def instant_of(text: str) -> datetime:
    """The end of a day (``2025-02-01``, Asia/Jakarta), or a time with its zone.

    Raises:
        AsOfError: the day cannot be read, or lies in the future.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and len(text) == len("2025-02-01"):
        return datetime.combine(found.date(), time.max, JAKARTA)
    if found is None or found.tzinfo is None:
        raise AsOfError(
            f"{text!r} is neither a day (2025-02-01) nor a time with a zone (2025-02-01T10:00+07:00)"
        )
    return found


def build_as_of(settings: Settings, periods: Sequence[str], instant: datetime) -> Path:
    """Build ``periods``, and those that they are compared with, by what was known at ``instant``.

    Returns the folder of the tables, ``SPM_HOME/as-of/<instant>/``; building again replaces it.

    Raises:
        HomeBusyError: another process writes in this home.
        NothingReceivedError: nothing was received for any of the periods.
        ModelsFailedError: a model failed.
    """
    with one_writer(settings.home, "spm --as-of"):
        land(RawStore(settings.raw), settings.landing, settings.workers, settings.limits)
    steps.received_of(settings, periods)
    received = received_periods(settings.landing)
    first, last = Period.parse(periods[0]), Period.parse(periods[-1])
    every = list(all_periods())
    start = max(every.index(first) - QUARTERS_BEFORE, 0)
    asked = every[every.index(first) : every.index(last) + 1]
    needed = {*every[start : every.index(first)], *asked, *chain.from_iterable(map(compared_with, asked))}
    chosen = [str(period) for period in every if period in needed and str(period) in received]
    folder = settings.home / "as-of" / instant.isoformat().replace(":", "")
    with scratch_folder("as-of", settings.scratch) as scratch:
        aside = replace(settings, home=scratch)
        aside.landing.symlink_to(settings.landing)
        work_file = aside.work / dbt.WORK_FILE_NAME
        steps.make_work(aside, work_file, chosen, Knowledge(known_by=instant))
        steps.demand_built(steps.run_models(aside, work_file))
        made = scratch / "tables"
        is_demo = steps.make_candidate(aside, work_file, made, chosen).is_demo
        note = NOTE.format(instant=instant.isoformat()) + (f"{say('demo.notice')}\n" if is_demo else "")
        (made / "AS-OF.txt").write_text(note, encoding="utf-8")
        # whole or not at all: a folder that a kill left in part would look like figures of that day
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        shutil.move(made, folder)
    return folder
