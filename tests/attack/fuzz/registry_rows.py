"""Rows of the registry: one seed with damaged cells, rows or bytes, beside the others as they are.

Put here: seeds as input. Keep out: the laws themselves.
"""

from __future__ import annotations

import csv
import io
import json
import random
from functools import cache
from pathlib import Path

from pipelines.registry import seed_columns, seeds
from pipelines.registry.seeds import SEEDS, RegistryError, read_seed
from tests.attack.fuzz.mutations import damaged, damaged_text
from tests.attack.fuzz.target import USUAL_MEMORY, DoesNotHold, demand_no_secret

_KEPT_ROWS = 60
"""Rows of a seed that stay: the long ones (regions) cost seconds otherwise."""


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem.removeprefix("_") for path in SEEDS.glob("_*.yml")))


@cache
def _rows(name: str) -> tuple[tuple[str, ...], ...]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as text:
        return tuple(tuple(row) for row in csv.reader(text))


class RegistryRows:
    """A seed is in order, or refused with a line for each fault: file, line, remedy."""

    name = "registry rows"
    memory = USUAL_MEMORY

    def make(self, draw: random.Random) -> bytes:
        name = draw.choice(_names())
        rows = [list(row) for row in _rows(name)]
        if draw.random() < 0.5:
            del rows[1 + _KEPT_ROWS :]
        for _ in range(draw.choice((1, 1, 1, 2, 5))):
            at = draw.randrange(len(rows))
            change = draw.randrange(8)
            if change <= 4 and rows[at]:
                cell = draw.randrange(len(rows[at]))
                rows[at][cell] = damaged_text(draw, rows[at][cell])
            elif change == 5:
                rows.insert(at, list(draw.choice(rows)))
            elif change == 6 and len(rows) > 1:
                del rows[at]
            else:
                rows[at] = rows[at][: draw.randrange(len(rows[at]) + 1)]
        text = io.StringIO()
        csv.writer(text, lineterminator=draw.choice(("\n", "\n", "\r\n", "\r"))).writerows(rows)
        content = text.getvalue().encode("utf-8", "surrogatepass")
        if draw.random() < 0.3:
            content = damaged(draw, content)
        return json.dumps({"seed": name}).encode() + b"\n" + content

    def attempt(self, sent: bytes, folder: Path) -> None:
        head, _, content = sent.partition(b"\n")
        name = json.loads(head)["seed"]
        for path in SEEDS.glob("*.csv"):
            (folder / path.name).symlink_to(path)
        (folder / f"{name}.csv").unlink()
        (folder / f"{name}.csv").write_bytes(content)
        # the same folder is another registry each time
        seed_columns.checked_rows.cache_clear()
        seeds._lawful_rows.cache_clear()
        try:
            for one in {name, *_names()[:3]}:
                list(read_seed(one, folder))
        except RegistryError as error:
            for line in str(error).split("\n"):
                demand_no_secret(line)
                if ".csv" not in line and "faults more" not in line:
                    raise DoesNotHold(f"a line that names no file: {line[:200]!r}") from error
                if not line.isprintable():
                    raise DoesNotHold(
                        f"a line that a terminal takes for more than letters: {line[:200]!r}"
                    ) from error
