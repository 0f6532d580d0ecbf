"""``spm init``: a new home: what its folders are for, its settings, a sources file, its registry.

Put here: writing them. Keep out: what they say (the templates in ``home/``; headers are those of the seeds).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.registry.home_rows import HOME_SEEDS
from pipelines.registry.seed_files import SEEDS
from pipelines.settings import Settings
from pipelines.storage.whole_files import write_whole

TEMPLATES = Path(__file__).with_name("home")
_MARKS = ("spm.env", "raw", "published", "runs", "dagster", "alerts.yaml")
"""What a home has, if it is one; a deployment makes some of it before anything runs."""


class NoHomeHereError(ConfigurationError):
    """The folder holds something else: a home would be written among it."""


@dataclass(frozen=True, slots=True)
class NewHome:
    """The files of a home that were written, and those that were there and stay as they are."""

    home: Path
    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def init_home(settings: Settings) -> NewHome:
    """Write what a home begins with; what is there already stays as it is, so that twice does no harm.

    Raises:
        NoHomeHereError: the folder is none, belongs to a demo, or holds what is of no home.
        OSError: it cannot be written.
    """
    home = settings.home
    _demand_home(settings)
    made = NewHome(home)
    for folder in (settings.registry, home / "inbox"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in _contents(home).items():
        if (home / name).exists():
            made.kept.append(name)
            continue
        write_whole(home / name, content.encode())
        made.written.append(name)
    return made


def _demand_home(settings: Settings) -> None:
    home = settings.home
    if home.exists() and not home.is_dir():
        raise NoHomeHereError(say("init.no_folder", at=home))
    if settings.demo_marker.exists():
        raise NoHomeHereError(say("init.demo", at=home))
    if not home.exists() or any((home / mark).exists() for mark in _MARKS):
        return
    if there := sorted(path.name for path in home.iterdir()):
        raise NoHomeHereError(say("init.not_empty", at=home, name=there[0]))


def _contents(home: Path) -> dict[str, str]:
    """The files, by their names from the home on."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.iterdir())}
    found["spm.env"] = found["spm.env"].replace("{home}", _quoted(str(home)))
    for name in HOME_SEEDS:
        with (SEEDS / f"{name}.csv").open(encoding="utf-8") as seed:
            found[f"registry/{name}.csv"] = seed.readline()
    return found


def _quoted(path: str) -> str:
    """A path as both a shell and systemd read it."""
    return path if re.fullmatch(r"[\w./@:+-]+", path) else '"' + re.sub(r'(["\\$`])', r"\\\1", path) + '"'
