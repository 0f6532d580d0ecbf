"""What tests build and never change, kept in ``.setup/stories`` by the hash of all that it follows from.

Workers and later runs share it: a test of a file that did not change finds its tables made. A change of the
code, of the registry or of the helpers of tests makes everything anew; what old code made is removed.

Put here: keys, keeping, removing. Keep out: making (``home``).
"""

from __future__ import annotations

import hashlib
import inspect
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipelines.settings import PROJECT_DIR

FOLDER = PROJECT_DIR / ".setup" / "stories"
KEPT_CODES = 3
"""So many states of the code keep what they made; ``git stash`` and back costs nothing."""
_CODE = (
    "pipelines/**/*.py",
    "pipelines/**/*.csv",
    "expectations/**/*.py",
    "spm_sample/**/*.*",
    "dbt_project/models/**/*.*",
    "dbt_project/macros/**/*.sql",
    "dbt_project/tests/**/*.sql",
    "dbt_project/seeds/*.*",
    "dbt_project/views/*.*",
    "tests/*.py",
    "tests/integration/*.py",
    "requirements.lock",
    "requirements-dev.lock",
)


def made(parts: Iterable[object], make: Callable[[Path], None]) -> Path:
    """The folder that ``make`` filled, for these ``parts`` of a key and this code; filled at most once.

    It is shared: copy what a test changes.
    """
    key = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:20]
    folder = _folder_of_code() / key
    with FileLock(folder.with_suffix(".lock")):
        whole = folder / ".whole"
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


def source_of(function: Callable[..., Any] | None) -> str:
    """What a function does, as a part of a key: its file, its place in it, the values it closes over."""
    if function is None:
        return ""
    closed = [repr(cell.cell_contents) for cell in function.__closure__ or ()]
    file = Path(inspect.getfile(function))
    place = f"{file} {_sha256(file)} {function.__qualname__} {function.__code__.co_firstlineno}"
    return f"{place} {function.__defaults__!r} {closed}"


def files_of(folder: Path, pattern: str = "*") -> str:
    """The names and bytes of the files below a folder, as a part of a key."""
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return "\n".join(f"{path.relative_to(folder)} {_sha256(path)}" for path in files)


@cache
def _folder_of_code() -> Path:
    found = {path for pattern in _CODE for path in PROJECT_DIR.glob(pattern) if path.is_file()}
    # a test's own file is part of the key of what it builds
    helpers = sorted(path for path in found if not path.name.startswith("test_"))
    listed = "\n".join(f"{path.relative_to(PROJECT_DIR)} {_sha256(path)}" for path in helpers)
    folder = FOLDER / hashlib.sha256(listed.encode()).hexdigest()[:20]
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    by_use = sorted(FOLDER.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_use[KEPT_CODES:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
