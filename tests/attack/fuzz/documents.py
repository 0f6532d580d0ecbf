"""Documents of every kind: the guard alone, in this process, and the whole reading, in a child.

Put here: documents as input. Keep out: damage (``mutations``).
"""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

from pipelines.messages import say
from pipelines.readers.child import grids_in_child, read_in_child
from pipelines.readers.dispatch import refusal
from pipelines.registry.rules import rules
from pipelines.settings import PROJECT_DIR, Limits
from pipelines.sources.config import load_sources
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import ROW_SCHEMA, RawFile, Reject, unread_of
from tests.attack.fuzz.mutations import TEXTS, damaged, damaged_archive, damaged_tree
from tests.attack.fuzz.target import USUAL_MEMORY, DoesNotHold, demand_no_secret
from tests.hostile.corpus import HOSTILE
from tests.hostile.forms import HEADER, ROW, big_form, good_form

LIMITS = Limits(parse_seconds=20)
LAYOUTS = PROJECT_DIR / "tests" / "fixtures" / "layouts"
LARGEST_SEED = 300_000
STOPPED = ("reading.memory", "reading.seconds")
_ACHIEVEMENT = {"record": "achievement", "region": "64.71", "period": "2024-Q4", "service": "K-KES-01"}
EXTRACT = b"".join(
    json.dumps(row, ensure_ascii=False).encode() + b"\n"
    for row in (
        _ACHIEVEMENT | {"target": 10, "realised": 9.5},
        {"record": "problem", "region": "64.71", "period": "2024-Q4", "note": "kurang tenaga"},
        {"spm:after": "0" * 64},
    )
)


@cache
def corpus() -> dict[str, tuple[bytes, ...]]:
    """What is damaged, by kind: honest documents and the hostile ones that are small."""
    seeds: dict[str, list[bytes]] = {
        "workbook": [good_form(), big_form(40)],
        "csv": [HEADER + ROW, HEADER + 30 * ROW, HEADER.replace(b",", b";") + ROW.replace(b",", b";")],
        "extract": [EXTRACT, 20 * EXTRACT],
    }
    for name, hostile in sorted(HOSTILE.items()):
        content = hostile.make() if "bomb" not in name else b""
        if 0 < len(content) <= LARGEST_SEED:
            seeds.setdefault(hostile.kind, []).append(content)
    for path in sorted(LAYOUTS.iterdir()):
        kind = {".xlsx": "workbook", ".csv": "csv"}.get(path.suffix)
        if kind:
            seeds[kind].append(path.read_bytes())
    return {kind: tuple(found) for kind, found in seeds.items()}


@cache
def _layouts() -> tuple[tuple[ReadingSpec, bytes], ...]:
    """Each source with a layout, and the document that it was written for."""
    found = []
    for source in load_sources(LAYOUTS / "sources.yaml"):
        spec = ReadingSpec.from_json(source.canonical_json())
        pattern = str(getattr(source, "path", ""))
        for path in sorted(LAYOUTS.glob(pattern)) if spec.layout is not None and pattern else ():
            found.append((spec, path.read_bytes()))
    return tuple(found)


@cache
def _rule_ids() -> frozenset[str]:
    return frozenset(rules())


def _made(draw: random.Random, kind: str, content: bytes) -> bytes:
    if kind == "extract" and draw.random() < 0.6:
        return _rows(draw, content)
    if content[:2] == b"PK" and draw.random() < 0.7:
        return damaged_archive(draw, content)
    return damaged(draw, content, corpus()[kind])


def _rows(draw: random.Random, content: bytes) -> bytes:
    """Lines of JSON of which some hold other values; a half letter stays one (``\\ud800``)."""
    lines = []
    for line in content.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            row = {}
        changed = damaged_tree(draw, row) if draw.random() < 0.3 else row
        lines.append(json.dumps(changed, ensure_ascii=draw.random() < 0.9).encode("utf-8", "surrogatepass"))
    return b"\n".join(lines) + b"\n"


def _packed(kind: str, spec: ReadingSpec | None, name: str, content: bytes) -> bytes:
    head = {"kind": kind, "spec": spec.canonical_json() if spec else None, "name": name}
    return json.dumps(head).encode() + b"\n" + content


def _unpacked(sent: bytes) -> tuple[ReadingSpec, RawFile]:
    head, _, content = sent.partition(b"\n")
    found = json.loads(head)
    spec = (
        ReadingSpec.from_json(found["spec"])
        if found["spec"]
        else ReadingSpec(name="fuzz", kind=found["kind"])
    )
    return spec, RawFile(found["name"], content)


def _demand_known(refused: Reject, spec: ReadingSpec) -> None:
    if refused.rule_id not in _rule_ids():
        raise DoesNotHold(f"refused by a rule that nobody knows: {refused.rule_id!r}")
    demand_no_secret(f"{refused.place} {refused.value}")
    # a layout may find hundreds of tables: that it is stopped in time and memory is what is promised
    stopped = spec.layout is not None and any(say(word) in refused.value for word in STOPPED)
    if refused.rule_id == "DOC-016" and not stopped:
        raise DoesNotHold(f"its reader failed: {refused.place} {refused.value}")


class Guard:
    """The guard says yes or no to any bytes, and never ends otherwise."""

    name = "guard"
    memory = USUAL_MEMORY

    def make(self, draw: random.Random) -> bytes:
        kind = draw.choice(("workbook", "workbook", "workbook", "csv", "extract"))
        return _packed(kind, None, "x", _made(draw, kind, draw.choice(corpus()[kind])))

    def attempt(self, sent: bytes, folder: Path) -> None:
        spec, file = _unpacked(sent)
        refused = refusal(file.content, spec.kind, LIMITS)
        if refused is not None:
            _demand_known(refused, spec)


class Readers:
    """A document becomes rows of our schema or is refused by a rule; its reader does not fail."""

    name = "readers"
    memory = USUAL_MEMORY

    def make(self, draw: random.Random) -> bytes:
        name = draw.choice(("laporan.csv", "64.71 2024-Q4.xlsx", draw.choice(TEXTS)[:255]))
        if _layouts() and draw.random() < 0.3:
            spec, content = draw.choice(_layouts())
            kind = spec.kind if spec.kind in corpus() else "extract"
            return _packed(kind, spec, name, _made(draw, kind, content))
        kind = draw.choice(("workbook", "workbook", "csv", "extract"))
        return _packed(kind, None, name, _made(draw, kind, draw.choice(corpus()[kind])))

    def attempt(self, sent: bytes, folder: Path) -> None:
        spec, file = _unpacked(sent)
        reading = read_in_child(file, spec, LIMITS, once=True)
        if isinstance(reading, Reject):
            _demand_known(reading, spec)
            return
        if reading.schema.names != ROW_SCHEMA.names:
            raise DoesNotHold(f"rows of another shape: {reading.schema.names}")
        reading.validate(full=True)
        unread_of(reading)
        cells = grids_in_child(file, spec, LIMITS)
        if isinstance(cells, Reject):
            _demand_known(cells, spec)
