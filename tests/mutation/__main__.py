"""``python -m tests.mutation``: mutate each rule in every way, and print who noticed it.

Rules are mutated many at a time, in a copy of the project; one is noticed when a check of the gate or a
fixture names it. Where a model does not run any more, fewer are tried at a time; a rule that stops a model
alone is noticed by that.

Put here: what is tried, the table. Keep out: the copy (``project``), what it says (``worker``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.registry.rules import rules
from tests.mutation.project import copy_project, groups, mutate

BY_GATE, BY_MODEL, BY_FIXTURE = "the gate names it", "a model or its test fails", "its fixture fails"
TRIED = {"removed": "judge", "renamed": "judge", "emptied": "fixtures"}


@dataclass
class Trial:
    """A copy of the project and what was noticed in it: rule and mutation to who noticed."""

    project: Path
    folder: Path
    noticed: dict[tuple[str, str], str] = field(default_factory=dict)
    runs: int = 0

    def control(self, rule_ids: Sequence[str]) -> None:
        """See that nothing is noticed where nothing is mutated, or all that follows proves nothing.

        Raises:
            RuntimeError: the copy does not run, or notices something.
        """
        mutate(self.project, {})
        for mode in sorted(set(TRIED.values())):
            said = self._run(mode, rule_ids)
            if said["failed"] or said["named"]:
                raise RuntimeError(f"{mode}: nothing is mutated, yet {said}")

    def try_all(self, how: str, rule_ids: Sequence[str]) -> None:
        """Mutate ``rule_ids`` together, and fewer at a time where models do not run."""
        mutate(self.project, dict.fromkeys(rule_ids, how))
        said = self._run(TRIED[how], rule_ids)
        why = f": {' '.join(said['failed'][0].split())[-160:]}" if said["failed"] else ""
        print(f"{how}: {len(rule_ids)} rules, {len(said['named'])} named{why}", flush=True)
        if not said["failed"]:
            who = BY_FIXTURE if how == "emptied" else BY_GATE
            self.noticed |= {(rule_id, how): who for rule_id in rule_ids if rule_id in said["named"]}
            return
        if len(rule_ids) == 1:
            self.noticed[rule_ids[0], how] = BY_MODEL
            return
        for part in (rule_ids[: len(rule_ids) // 2], rule_ids[len(rule_ids) // 2 :]):
            self.try_all(how, part)

    def raise_each(self, rule_ids: Sequence[str]) -> None:
        """Make each rule raise in the compiled SQL, one after the other."""
        mutate(self.project, dict.fromkeys(rule_ids, "marked"))
        said = self._run("raise", rule_ids)
        if said["failed"]:
            raise RuntimeError(f"the marked project does not run: {said['failed']}")
        self.noticed |= {(rule_id, "raising"): BY_MODEL for rule_id in said["named"]}

    def _run(self, mode: str, rule_ids: Sequence[str]) -> dict[str, list[str]]:
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "tests.mutation.worker", mode, str(folder), *rule_ids],
            cwd=self.project,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(self.project)},
            capture_output=True,
            text=True,
            check=False,
        )
        shutil.rmtree(folder)
        if done.returncode:
            # a project that dbt cannot read any more publishes nothing either
            if "DbtError" not in done.stderr:
                raise RuntimeError(f"{mode} {' '.join(rule_ids)}: {done.stderr[-4000:]}")
            return {"failed": [done.stderr[-4000:]], "named": []}
        found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
        return found


def main() -> int:
    """Try all that was asked for; 1 when a mutation went unnoticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--rules", nargs="*", default=list(rules()), help="default: all of them")
    parser.add_argument("--how", nargs="*", default=[*TRIED, "raising"], choices=[*TRIED, "raising"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spm-mutation-") as folder:
        trial = Trial(copy_project(Path(folder) / "project"), Path(folder))
        trial.control(asked.rules)
        for how in asked.how:
            if how == "raising":
                trial.raise_each(asked.rules)
            else:
                for group in groups(asked.rules):
                    trial.try_all(how, group)
    unnoticed = [(rule, how) for how in asked.how for rule in asked.rules if (rule, how) not in trial.noticed]
    for how in asked.how:
        for who in (BY_GATE, BY_FIXTURE, BY_MODEL):
            count = sum(one[1] == how and said == who for one, said in trial.noticed.items())
            print(f"{how:<10}{who:<28}{count:>4}")
    print(f"not noticed: {unnoticed or 'none'}")
    return int(bool(unnoticed))


if __name__ == "__main__":
    sys.exit(main())
