"""``python -m tests.history.worker``: runs and rebuilds inside a checkout, a line of JSON for each.

Put here: what a checkout is asked to do, by the steps of a run. Keep out: what should come of it.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.build import plan, rebuild, steps
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.publish.manifest import Manifest
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.warehouse import dbt


def main() -> None:
    """Answer until nothing more is asked; what anything else prints is no answer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_ACTIONS[asked.pop("do")](**asked)), file=answers, flush=True)


def _publish(home: str, sources: str, periods: list[str], now: str) -> dict[str, Any]:
    """A run over ``periods``, which builds what changed."""
    settings = Settings(Path(home), Path(sources), workers=1, now=datetime.fromisoformat(now))
    planned = plan.receive_and_plan(settings, periods)
    chosen = list(planned.build)
    work_file = settings.work / "run" / dbt.WORK_FILE_NAME
    steps.make_work(settings, work_file, chosen)
    if failed := steps.failed_nodes(steps.run_models(settings, work_file)):
        raise steps.ModelsFailedError("; ".join(failed))
    candidate = steps.make_candidate(settings, work_file, work_file.parent / "candidate", chosen)
    published = steps.publish_candidate(settings, candidate, steps.judge(candidate))
    return {"release": published.release_id, "is_new": published.is_new, "built": chosen}


def _land(home: str) -> int:
    """Read a raw store into rows, of which there are none yet."""
    settings = Settings(Path(home), workers=1)
    return land(RawStore(settings.raw), settings.landing, settings.workers, settings.limits)


def _publish_again(home: str, manifest: str) -> str:
    """The release of a manifest again, on top of what ``home`` has: a step of ``spm rebuild``."""
    settings = Settings(Path(home), workers=1)
    rebuild.publish_again(settings, Manifest.read(Path(manifest)))
    current = Releases(settings.published).current()
    assert current is not None
    return current.release_id


def _rebuild(home: str, release: str) -> dict[str, Any]:
    """``spm rebuild`` as it is, by the registry of this checkout."""
    found = rebuild.rebuild(Settings(Path(home), workers=1), release)
    return {"unlike": found.unlike, "other_code": found.other_code}


_ACTIONS = {"publish": _publish, "land": _land, "publish_again": _publish_again, "rebuild": _rebuild}

if __name__ == "__main__":
    main()
