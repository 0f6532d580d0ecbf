"""A reading process whose parser was taken over: a document names what it then tries."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from pipelines.readers import child_main, dispatch
from pipelines.submissions.rows import RawFile
from tests.hostile.planted.answers import ANSWERS
from tests.hostile.planted.attacks import ATTACKS


def _taken_over(file: RawFile, spec: Any) -> Any:
    if file.content.startswith(b"jawab:"):
        ANSWERS[file.content.decode().split(":")[1]](Connection(int(sys.argv[-1])))
        time.sleep(60)
    if not file.content.startswith(b"serang:"):
        return _CSV.read(file, spec)
    _, name, facts = file.content.decode().split(":", 2)
    try:
        ATTACKS[name](json.loads(facts))
    except OSError as error:
        raise PermissionError(f"{name} refused: {error}") from None
    raise RuntimeError(f"{name} came through")


_CSV = dispatch.DOCUMENTS["csv"]

if __name__ == "__main__":
    dispatch.DOCUMENTS["csv"] = replace(_CSV, read=_taken_over)
    child_main.main()
