"""Command lines: arguments and options of every command that changes nothing for good, over a small home.

Put here: command lines as input. Keep out: commands that build (their input is fuzzed by the other targets).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Any

import typer

from pipelines.cli import app as cli
from pipelines.errors import ExitCode
from tests.attack.fuzz.mutations import TEXTS, damaged_text
from tests.attack.fuzz.target import USUAL_MEMORY, DoesNotHold, demand_no_secret
from tests.integration import stories
from tests.integration.home import document, publish_periods, put, settings_of

PERIOD = "2024-Q4"
LEFT_OUT = {
    "demo": "makes a national set",
    "run": "builds: only its refusals are asked for",
    "work": "builds",
    "rebuild": "builds",
    "publish": "needs a database",
    "sample": "makes a national set",
}
VALUES = (
    "2024-Q4", "2024-Q3..2024-Q4", "2024-Q4..2024-Q3", "2024Q4", "64.71", "Kota Balikpapan", "11",
    "latest", "previous", "r0001", "VAL-001", "mart_region_score", "mart_finding", "list", "show",
    "--home", "home", "--json", "--help", "--period", "--region", "--table", "--key", "--to", "--name",
    "--reason", "--as-of", "2025-02-01", "9999-12-31", "--all", "-", "--", "", " ", ".", "..",
    "missing.xlsx", "laporan.csv", "http:x", "0", "-1", "1e400", "'; drop table x; --", "it's", "%s",
    "\udcff\udcfe", "L4", "abcdef012345:L4",
)  # fmt: skip


def _home() -> Path:
    """A home with one release, made once for the code as it stands."""

    def make(folder: Path) -> None:
        settings = settings_of(folder)
        row = {
            "record": "achievement",
            "region": "64.71",
            "period": PERIOD,
            "service": "K-PEND-01",
            "component": "recipients",
        }
        rows = [
            row | {"target": "100", "realised": "90"},
            row | {"target": "x", "realised": "=1+1", "note": "0812-3456-7890"},
        ]
        put(folder / "inbox" / "baik.csv", document(rows))
        publish_periods(settings, [PERIOD])

    return stories.made(("fuzz",), make) / "home"


@cache
def _commands() -> dict[str, Any]:
    found = dict(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
    return {name: command for name, command in found.items() if name not in LEFT_OUT}


class CommandLine:
    """A command ends with a documented code; where that is not 0 its last line says why, in one line."""

    name = "command line"
    # what draws charts reserves much more than it writes to
    memory = 16 * USUAL_MEMORY

    def make(self, draw: random.Random) -> bytes:
        if draw.random() < 0.05:
            return json.dumps(["run", draw.choice(TEXTS), "--sources", draw.choice(VALUES)]).encode()
        name = draw.choice(sorted(_commands()))
        command = _commands()[name]
        arguments = [name if draw.random() < 0.97 else damaged_text(draw, name)]
        if getattr(command, "commands", None):
            inner = draw.choice(sorted(set(command.commands) - {"simulate", "page"}))
            arguments.append(inner)
            command = command.commands[inner]
        for parameter in command.params:
            if parameter.param_type_name == "argument" and draw.random() < 0.95:
                arguments.append(self._value(draw))
            elif parameter.param_type_name == "option" and draw.random() < 0.35 and parameter.name != "home":
                arguments.append(parameter.opts[0])
                if not parameter.is_flag or draw.random() < 0.1:
                    arguments.append(self._value(draw))
        if draw.random() < 0.2:
            arguments.insert(draw.randrange(len(arguments) + 1), self._value(draw))
        # no argument holds a NUL; a path stays in the folder of the attempt, whoever runs this
        arguments = [one.replace("\x00", "").replace("/", "")[:5000] for one in arguments]
        if draw.random() < 0.9:
            arguments += ["--home", "home"]
        return json.dumps(arguments).encode()

    @staticmethod
    def _value(draw: random.Random) -> str:
        value = draw.choice(VALUES)
        return damaged_text(draw, value) if draw.random() < 0.3 else value

    def attempt(self, sent: bytes, folder: Path) -> None:
        shutil.copytree(_home(), folder / "home", symlinks=True)
        (folder / "laporan.csv").write_text("record,region,period\nproblem,64.71,2024-Q4\n")
        code, out, err = run(json.loads(sent), folder)
        demand_no_secret(out + err)
        if "Traceback (most recent call last)" in err:
            raise DoesNotHold(f"a traceback: {err.strip().splitlines()[-1][:300]}")
        if code not in {*ExitCode} - {ExitCode.BUG}:
            raise DoesNotHold(f"exit code {code}")
        if code in (ExitCode.BAD_USAGE, ExitCode.UNAVAILABLE, ExitCode.NOTHING_RECEIVED) and not err.strip():
            raise DoesNotHold(f"exit code {code} without a word")


def run(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """Run a command in this process, in a folder; its exit code, standard output and standard error."""
    # as in a terminal: what cannot be written there fails
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    kept, where = sys.argv, Path.cwd()
    code: object
    try:
        os.chdir(folder)
        sys.argv = ["spm", *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = cli._run_command()
            except SystemExit as ended:
                code = ended.code or 0
            out.flush()
            err.flush()
    finally:
        os.chdir(where)
        sys.argv = kept
    said = [one.buffer.getvalue().decode("utf-8") for one in (out, err)]  # type: ignore[attr-defined]
    return (code if isinstance(code, int) else -1), said[0], said[1]
