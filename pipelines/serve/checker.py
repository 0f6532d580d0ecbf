"""Checking forms, each in a process of its own that is started before its form is there.

A process checks one form and ends. When its time is over, or whoever asked is gone, it is killed with its
readers, and its folder is removed with all that is in it.

Put here: starting, feeding and ending those processes. Keep out: what they do (``check_child``).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.serve.names import ANSWER, READY, WORKBOOK
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.variables import OF_A_CHECK

_START_SECONDS = 60
_OF_THE_SYSTEM = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")


class CheckFailedError(Exception):
    """The process ended without an answer: a fault of ours; its traceback is in the log."""


class CheckTooSlowError(Exception):
    """The form was not checked in its time."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that came in: where it lies, what its sender calls it, as which kind of document it is read."""

    file: Path
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a form (``check_child``), and its feedback workbook."""

    said: dict[str, Any]
    workbook: bytes


class _Worker:
    """One process and its folder."""

    def __init__(self, folder: Path, process: Process) -> None:
        self.folder, self._process = folder, process

    @classmethod
    async def start(cls, settings: Settings, scratch: Path) -> _Worker:
        folder = Path(tempfile.mkdtemp(prefix="check-", dir=scratch))
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "pipelines.serve.check_child",
                stdin=PIPE,
                stdout=PIPE,
                cwd=folder,
                env=_environment(settings, folder),
                start_new_session=True,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(folder, process)

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def check(self, form: Form, seconds: int) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(_START_SECONDS):
            if await self._process.stdout.readline() != READY:
                raise CheckFailedError
        job = {"file": str(form.file), "name": form.name, "kind": form.kind, "seconds": seconds}
        try:
            async with asyncio.timeout(seconds):
                self._process.stdin.write(json.dumps(job).encode() + b"\n")
                await self._process.stdin.drain()
                code = await self._process.wait()
        except TimeoutError:
            raise CheckTooSlowError from None
        except (BrokenPipeError, ConnectionResetError):
            raise CheckFailedError from None
        if code != 0:
            raise CheckFailedError
        return await asyncio.to_thread(self._answer)

    def _answer(self) -> Answer:
        said = json.loads((self.folder / ANSWER).read_bytes())
        book = self.folder / WORKBOOK
        return Answer(said, book.read_bytes() if book.exists() else b"")

    async def end(self) -> None:
        """Kill what still runs, with its readers, and remove the folder."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


class Checker:
    """Checks ``settings.serving.checks`` forms at once, with a process ready for each; others wait."""

    def __init__(self, settings: Settings, scratch: Path) -> None:
        self._settings, self._scratch = settings, scratch
        self._turn = asyncio.Semaphore(settings.serving.checks)
        self._ready: list[asyncio.Task[_Worker]] = []
        self._ending: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Have the processes come up."""
        for _ in range(self._settings.serving.checks):
            self._one_more()

    async def check(self, form: Form) -> Answer:
        """Check a form once it is its turn.

        Raises:
            CheckTooSlowError: it took too long.
            CheckFailedError: a fault of ours.
        """
        async with self._turn:
            worker = await self._worker()
            try:
                return await worker.check(form, self._settings.serving.seconds)
            finally:
                # also where whoever asked is gone: a cancelled task still cleans up
                ending = asyncio.create_task(worker.end())
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)
                await asyncio.shield(ending)
                self._one_more()

    async def close(self) -> None:
        """End the processes that wait for a form."""
        for task in self._ready:
            with suppress(Exception):
                await (await task).end()
        self._ready.clear()
        for ending in list(self._ending):
            await ending

    async def _worker(self) -> _Worker:
        while self._ready:
            worker = await self._ready.pop(0)
            if not worker.has_ended:
                return worker
            await worker.end()
        return await _Worker.start(self._settings, self._scratch)

    def _one_more(self) -> None:
        if len(self._ready) < self._settings.serving.checks:
            self._ready.append(asyncio.create_task(_Worker.start(self._settings, self._scratch)))


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    """What a process gets of our environment: no secret is among it."""
    kept = {name: os.environ[name] for name in (*_OF_THE_SYSTEM, *OF_A_CHECK) if name in os.environ}
    return kept | {
        "SPM_HOME": str(settings.home),
        "PYTHONPATH": str(PROJECT_DIR),
        "PYTHONUTF8": "1",
        "TMPDIR": str(folder),
        "HOME": str(folder),
    }
