"""The table of source kinds is whole: each kind is in it with all that it needs, and what is not is named."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import get_args

import pytest

from pipelines import sources
from pipelines.readers import dispatch
from pipelines.settings import PROJECT_DIR
from pipelines.sources import kinds
from pipelines.sources.config import load_sources
from pipelines.sources.kinds import KINDS
from pipelines.sources.source import SourceKind

PACKAGES = [found.name for found in pkgutil.iter_modules(sources.__path__) if found.ispkg]
each_kind = pytest.mark.parametrize("name", KINDS)


def _line(module: object, text: str) -> str:
    """The file and line of a module where ``text`` stands."""
    path = Path(inspect.getfile(module))  # type: ignore[arg-type]
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if line.startswith(text))
    return f"{path.relative_to(PROJECT_DIR)}:{number}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_of_a_kind_is_in_the_table(package: str) -> None:
    module = importlib.import_module(f"{sources.__name__}.{package}")
    exported = {name: value for name, value in vars(module).items() if isinstance(value, SourceKind)}
    assert exported, f"pipelines/sources/{package}/__init__.py:1: add KIND = SourceKind(...)"
    missing = [f"{package}.{name}" for name, kind in exported.items() if kind not in KINDS.values()]
    assert not missing, f"{_line(kinds, 'KINDS')}: add {', '.join(missing)}"


@each_kind
def test_the_documents_of_a_kind_have_a_reader(name: str) -> None:
    kind = KINDS[name]
    where = _line(dispatch, "DOCUMENTS")
    assert kind.documents in dispatch.DOCUMENTS, f"{where}: add the document kind {kind.documents!r}"
    found = next(key for key, one in dispatch.DOCUMENTS.items() if one is dispatch.document_kind(name))
    assert kind.documents == found, f"{where}: source kind {name!r} gives {found!r}, not {kind.documents!r}"


@each_kind
def test_the_keys_of_a_kind_are_those_of_its_name(name: str) -> None:
    keys = KINDS[name].keys
    named = get_args(keys.model_fields["kind"].annotation)
    where = _line(inspect.getmodule(keys), f"class {keys.__name__}")
    assert name in named, f"{where}: add kind: Literal[{name!r}]"


def test_every_kind_has_a_page_whose_examples_are_read(tmp_path: Path) -> None:
    shown = set()
    for page in (PROJECT_DIR / "docs" / "runbooks").glob("*-source*.md"):
        for block in re.findall(r"```yaml\n(sources:.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            if page.name != "source-kind.md":
                (tmp_path / page.name).write_text(block, encoding="utf-8")
                shown |= {spec.kind for spec in load_sources(tmp_path / page.name)}
    missing = KINDS.keys() - shown
    assert not missing, f"docs/runbooks/{min(missing)}-source.md:1: add a page with an example of the kind"
