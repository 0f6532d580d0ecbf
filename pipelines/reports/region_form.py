"""``spm form``: the Excel form of one region and quarter, with what it owes and what is known already.

Put here: finding the region, naming the file. Keep out: what stands in the form (``form_rows``, ``form``).
"""

from __future__ import annotations

from pathlib import Path

from pipelines.messages import say
from pipelines.publish.releases import Releases
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.registry.rosters import expected_reporters
from pipelines.reports.accepted_rows import accepted_rows
from pipelines.reports.form import write_form
from pipelines.reports.form_rows import prefilled_rows
from pipelines.warehouse.region_names import RegionNotFoundError, find


class NothingOwedError(RegionNotFoundError):
    """The region owes no report for the period, so there is no form to fill in."""


def write_region_form(
    region_text: str, period: Period, to: Path | None = None, published: Path | None = None
) -> Path:
    """Write the form of the region that ``region_text`` means and return its path.

    ``to`` is the file, or a folder for it; the name is ``<code>_<period>.xlsx`` unless given. Values come
    from the current release in ``published``; without one the form has none. One with values of a release of
    made-up data says so, and is told from others when it comes back.

    Raises:
        RegionNotFoundError: no region on the last day of the period has this code or name.
        AmbiguousRegionError: several have the name.
        NothingOwedError: the region is not on the roster of the period, or that lies before the services.
    """
    region = find(region_text, period.ends_on)
    if region not in expected_reporters(period) or not services_owed(region.tier, period):
        where = f"{region.region_name} ({region.region_code})"
        raise NothingOwedError(say("form.not_owed", at=where, period=period))
    accepted = [] if published is None else accepted_rows(published, region.region_code, period)
    current = Releases(published).current() if published is not None else None
    name = f"{region.region_code}_{period}.xlsx"
    path = Path(name) if to is None else to / name if to.is_dir() else to
    path.parent.mkdir(parents=True, exist_ok=True)
    write_form(
        path,
        region_code=region.region_code,
        region_name=region.region_name,
        period=str(period),
        rows=prefilled_rows(region.tier, period, accepted),
        is_demo=bool(accepted) and current is not None and current.content.is_demo,
    )
    return path
