"""The process that checks one form for ``/cek``, and then ends: nothing of a form is left in it.

It comes up before a form is there, so that an officer does not wait for imports. It is a process group of its
own, with its readers (``sandbox``), and ends with whoever started it.

Put here: one form, from a file to an answer. Keep out: who starts, limits and ends it (``checker``), rules.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from pipelines.build.check_files import findings_of, judged
from pipelines.errors import expected
from pipelines.messages import printable, traceback_text
from pipelines.readers.child import end_children, warm_up
from pipelines.registry.home_rows import serve
from pipelines.registry.personal_data import masked
from pipelines.registry.regions import all_states
from pipelines.registry.rules import rules
from pipelines.reports.feedback import workbooks  # noqa: F401  (imported before a form is there)
from pipelines.reports.index_after import MODELS, index_moves
from pipelines.serve.names import ANSWER, READY, WORKBOOK
from pipelines.settings import read_settings
from pipelines.sources.of_files import Checked
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.warehouse import compiled
from pipelines.warehouse.release_tables import rows_of

MOST_FINDINGS = 500
"""Findings on the page; the workbook has all."""
_DOCUMENTS = """
select
    name,
    any_value(reject_rule) as reject_rule,
    sum(rows_received)::int as received,
    sum(rows_accepted)::int as accepted,
    sum(rows_quarantined)::int as quarantined
from marts.mart_document
group by name
"""


def main() -> None:
    """Wait for a form, a line of JSON on standard input, and answer it in the folder that we are in."""
    settings = read_settings()
    serve(settings.registry)
    compiled.project(settings.threads, settings.memory_limit)
    warm_up()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    asked = sys.stdin.buffer.readline()
    if not asked:
        end_children()
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    job = json.loads(asked)
    # the parent counts the seconds; the alarm is for a parent that hangs
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(2 * int(job["seconds"]) + 1)
    try:
        answer = _answer(Path(job["file"]), job["name"], job["kind"], settings.published)
    except Exception as error:
        if (known := expected(error)) is None:
            print(traceback_text(error), file=sys.stderr)
        answer = {"error": str(known) if known else ""}
    Path(ANSWER).write_text(json.dumps(answer, ensure_ascii=False, default=str), encoding="utf-8")
    end_children()


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _answer(file: Path, name: str, kind: str, published: Path) -> dict[str, Any]:
    reading = Checked(file, ReadingSpec(name=f"check_{kind}", kind=kind), name=name)
    with judged([reading], Path(WORKBOOK), MODELS) as work_file:
        found = findings_of(work_file)
        moves = index_moves(work_file, published)
        with duckdb.connect(str(work_file), read_only=True) as connection:
            documents = rows_of(connection, _DOCUMENTS)
    names = {state.region_code: state.region_name for state in all_states()}
    counts = {
        severity: sum(one["severity"] == severity for one in found)
        for severity in ("fatal", "warning", "info")
    }
    return {
        "findings": [_told(one, names) for one in found[:MOST_FINDINGS]],
        "counts": counts,
        "received": sum(one["received"] for one in documents),
        "accepted": sum(one["accepted"] for one in documents),
        "quarantined": sum(one["quarantined"] for one in documents),
        "is_rejected": any(one["reject_rule"] for one in documents),
        "index": asdict(moves),
    }


def _told(one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    rule = rules()[one["rule_id"]]
    return {
        "severity": one["severity"],
        "place": printable(one["place"] or ""),
        "rule_id": one["rule_id"],
        "name_id": rule.name_id,
        "name_en": rule.name_en,
        "region": names.get(one["region_code"] or "", ""),
        "period": one["period"] or "",
        "value": printable(masked(one["value"] or "").text),
        "message_id": printable(one["message_id"]),
        "message_en": printable(one["message_en"]),
    }


if __name__ == "__main__":
    main()
