"""Jobs of the machine that failed, by their last result: a backup or a prune that nobody watches.

``spm alert unit NAME RESULT`` notes what systemd says as each ends (``ExecStopPost``), so a state begins with
a failure and is over with the next success.

Put here: the note and what of it somebody has to look at. Keep out: services that stay (``defs.services``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from pipelines.build.standing import Problem
from pipelines.messages import printable, say
from pipelines.settings import Settings
from pipelines.storage.private_files import FILE
from pipelines.storage.whole_files import make_folder, write_whole

UNIT = "unit "
"""What the subject of such a state begins with."""
SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class FailedUnit:
    """When a job failed first since it last ended well, and how, in the word of systemd."""

    failed_at: datetime
    result: str


_AS_JSON = TypeAdapter(dict[str, FailedUnit])


def note_unit(settings: Settings, name: str, result: str) -> None:
    """Note how a job ended."""
    failed = _read(settings)
    if result == SUCCESS:
        if failed.pop(name, None) is None:
            return
    elif name in failed:
        return
    else:
        failed[name] = FailedUnit(settings.wall_clock().replace(microsecond=0), printable(result))
    make_folder(settings.home)
    content = json.dumps(_AS_JSON.dump_python(failed, mode="json"), indent=1).encode() + b"\n"
    write_whole(settings.failed_units, content, mode=FILE)


def failed_units(settings: Settings) -> list[Problem]:
    """What stands of them."""
    found = []
    for name, one in sorted(_read(settings).items()):
        said = say("status.unit_failed", at=name, since=one.failed_at, result=one.result, unit=name)
        found.append(Problem("service", UNIT + name, said))
    return found


def _read(settings: Settings) -> dict[str, FailedUnit]:
    try:
        return _AS_JSON.validate_json(settings.failed_units.read_bytes())
    except (OSError, ValidationError):
        return {}  # a note that cannot be read is written anew by the next failure
