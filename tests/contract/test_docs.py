"""What the docs show is so: commands, targets, files and links that they name exist, examples are read."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import typer

from pipelines.cli.app import app
from pipelines.settings import PROJECT_DIR
from pipelines.sources.config import load_sources

DOCS = sorted([*PROJECT_DIR.glob("*.md"), *(PROJECT_DIR / "docs").rglob("*.md")])
COMMANDS = set(typer.main.get_command(app).commands)
each_doc = pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.relative_to(PROJECT_DIR).as_posix())


@each_doc
def test_every_spm_command_named_exists(doc: Path) -> None:
    named = set(re.findall(r"(?:`|\$ |^    )spm ([a-z]+)", doc.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= COMMANDS


@each_doc
def test_every_make_target_named_exists(doc: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_DIR / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", doc.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


@each_doc
def test_every_file_named_exists(doc: Path) -> None:
    text = doc.read_text(encoding="utf-8")
    links = [doc.parent / link for link in re.findall(r"\]\(([^)#:]+)\)", text)]
    folders = "pipelines|dbt_project/(?!target)|expectations|tests|benchmarks"
    paths = [PROJECT_DIR / path for path in re.findall(rf"`((?:{folders})[\w./-]*)`", text)]
    missing = [path for path in [*links, *paths] if not path.exists()]
    assert not missing


def test_every_test_that_the_page_on_testing_names_exists() -> None:
    text = (PROJECT_DIR / "docs" / "testing.md").read_text(encoding="utf-8")
    files = {path.name: path.read_text(encoding="utf-8") for path in (PROJECT_DIR / "tests").rglob("*.py")}
    named = set(re.findall(r"`(test_\w+)(?:\.py)?`", text))
    functions = set(re.findall(r"def (test_\w+)", "".join(files.values())))
    assert len(named) > 15
    assert named - functions - {name.removesuffix(".py") for name in files} == set()


def test_the_sources_file_of_the_readme_is_read(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", (PROJECT_DIR / "README.md").read_text(), re.DOTALL)
    assert example is not None
    (tmp_path / "sources.yaml").write_text(example[1])
    kinds = [spec.kind for spec in load_sources(tmp_path / "sources.yaml")]
    assert kinds == ["workbook", "csv", "rest", "sql"]


def test_no_file_of_the_project_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    hosts = re.compile(r"(?:pypi|npmjs|debian)[.](?:org|com|io)|files[.]pythonhosted", re.IGNORECASE)
    named = []
    for name in filter(None, listed):
        path = PROJECT_DIR / name
        readable = path.is_file() and path.suffix not in {".png", ".parquet", ".xlsx"}
        if readable and hosts.search(path.read_text(encoding="utf-8", errors="replace")):
            named.append(name)
    assert not named
