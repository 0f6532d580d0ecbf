"""Sources files: damaged texts, and trees of YAML with keys and values of another kind.

Put here: sources files as input. Keep out: what a source then asks for.
"""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.registry.periods import Period
from pipelines.settings import PROJECT_DIR
from pipelines.sources.config import SourcesError, load_sources
from pipelines.submissions.reading_spec import ReadingSpec
from tests.attack.fuzz.mutations import damaged, damaged_tree
from tests.attack.fuzz.target import SECRET_NAME, USUAL_MEMORY, DoesNotHold, demand_no_secret, demand_one_line

_ALIASES = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
)
SHAPES = (
    "sources: " + "[" * 5000,
    "sources: " + "{a: " * 3000,
    f"sources:\n- name: *a11\n  kind: csv\n{_ALIASES}\n",
    f"{_ALIASES}\nsources:\n- name: *a11\n  kind: csv\n",
    f"{_ALIASES}\nsources:\n- name: x\n  kind: csv\n  path: *a11\n  columns: *a11\n",
    f"{_ALIASES}\nsources: [{{name: x, kind: csv, path: x, columns: {{*a1 : y}}}}]\n",
    "sources: &s\n- *s\n",
    "sources:\n- &s {name: x, kind: csv, path: y, columns: *s}\n",
    "!!python/object/apply:os.system ['true']",
    "sources:\n- !!binary aGk=\n",
    'sources:\n- name: x\n  kind: csv\n  path: "\\0"\n',
)
"""Texts that are known to be hard for readers of YAML."""


@cache
def _examples() -> tuple[str, ...]:
    pages = [PROJECT_DIR / "README.md", *sorted((PROJECT_DIR / "docs").rglob("*.md"))]
    texts = [
        text
        for page in pages
        for text in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]
    files = [path.read_text("utf-8") for path in (PROJECT_DIR / "tests" / "fixtures").rglob("sources.yaml")]
    return tuple(text for text in [*texts, *files] if text.lstrip().startswith("sources:"))


class SourcesFile:
    """A sources file is read, or refused in one line that names no secret."""

    name = "sources file"
    memory = USUAL_MEMORY

    def make(self, draw: random.Random) -> bytes:
        if draw.random() < 0.05:
            return draw.choice(SHAPES).encode()
        text = draw.choice(_examples())
        if draw.random() < 0.35:
            return damaged(draw, text.encode())
        tree: Any = yaml.load(text, Loader=yaml.BaseLoader)
        for _ in range(draw.choice((1, 1, 2))):
            tree = damaged_tree(draw, tree)
        if isinstance(tree, dict) and draw.random() < 0.2:
            tree = {
                "sources": [
                    {
                        "name": "x",
                        "kind": "rest",
                        "url": "http://127.0.0.1:1/",
                        "token_env": SECRET_NAME,
                        "key": tree,
                    }
                ]
            }
        written: str = yaml.safe_dump(tree, allow_unicode=draw.random() < 0.8)
        return written.encode("utf-8", "surrogatepass")

    def attempt(self, sent: bytes, folder: Path) -> None:
        path = folder / "sources.yaml"
        path.write_bytes(sent)
        try:
            found = load_sources(path)
        except SourcesError as error:
            demand_one_line(str(error))
            if len(str(error)) > 20_000:
                raise DoesNotHold(f"a message of {len(str(error))} letters") from error
            return
        for spec in found:
            stored = spec.canonical_json()
            demand_no_secret(stored)
            if ReadingSpec.from_json(stored).canonical_json() != stored:
                raise DoesNotHold(f"{spec.name} reads back as something else")
            spec.serves(Period(2024, 4))
