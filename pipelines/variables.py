"""Every environment variable that the platform reads, and the page that lists them (``docs/settings.md``).

``python -m pipelines.variables`` writes the page. Tests hold that the list is that of the code and that the
defaults are those of ``settings``.

Put here: name, default, meaning. Keep out: reading them (``settings``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.settings import DAGSTER_POSTGRES_URL, MB, POSTGRES_URL, PROJECT_DIR, Limits, Serving

PAGE = PROJECT_DIR / "docs" / "settings.md"
_LIMITS = Limits()
_SERVING_DEFAULT = Serving()


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. ``default`` is what is taken where it is unset, as it would be written; none: nothing is.

    ``is_secret``: ``NAME_FILE`` may name a file in its place.
    """

    name: str
    default: str | None
    meaning: str
    is_secret: bool = False


_INSTALLATION = (
    Variable(
        "SPM_HOME", None, "the home: the folder of everything that a run writes; `--home` goes before it"
    ),
    Variable("SPM_SOURCES", None, "the sources file; `--sources` goes before it"),
    Variable(
        "SPM_ENVIRONMENT",
        None,
        "which of several installations this is: `production`, `staging`, …; in status, ledger, logs, metrics"
        " and the comment on the database",
    ),
    Variable(
        "SPM_LANG", None, "`id` or `en`: the language on the terminal; unset: both; `--lang` goes before it"
    ),
    Variable("SPM_LEAST_FREE_MB", "1024", "with less free disk than this all is not well"),
    Variable(
        "SPM_SENSOR_MINUTES",
        "60",
        "while a window is open the sensor asks for a run so long after the last release",
    ),
    Variable("SPM_ONE_ACCOUNT_APPROVES", "no", "`yes`: the two who approve a release may share an account"),
    Variable("SPM_ALERTS", None, "whom to tell of what; unset: `alerts.yaml` of the home"),
    Variable("SPM_CONTACT", None, "the mail address that the pages of the report site give for questions"),
    Variable("SPM_KEY_PASSPHRASE", None, "the passphrase of an encrypted private key", is_secret=True),
    Variable("SPM_NOW", None, "the clock of a run that has to be repeatable: `2025-01-21T00:00:00+00:00`"),
    Variable(
        "SPM_CODE_SERVER",
        None,
        "the host of the code server, for `deploy/workspace.yaml`; `spm status`, `spm alert` ask it",
    ),
)
_DATABASES = (
    Variable(
        POSTGRES_URL,
        None,
        "the database that releases are loaded into: `postgresql://user:password@host/database`",
        is_secret=True,
    ),
    Variable("SPM_POSTGRES_READER", "spm_reader", "the role that reads what is published"),
    Variable("SPM_POSTGRES_TEXT_READER", "spm_text_reader", "the role that reads the words of senders too"),
    Variable(
        "SPM_POSTGRES_ROWS",
        None,
        "`all` or `province`: the rows that these roles see; unset: as it is in the database",
    ),
    Variable(
        DAGSTER_POSTGRES_URL,
        None,
        "the database of Dagster's runs and events, where `deploy/dagster.yaml` is in use",
        is_secret=True,
    ),
)
_SERVING = (
    Variable(
        "SPM_PUBLIC_URL",
        None,
        "the address under which others reach `spm serve`: `https://spm.example.go.id/`; alerts link to its"
        " pages, `sitemap.xml` names them",
    ),
    Variable(
        "SPM_TRUSTED_PROXIES",
        None,
        "addresses or networks of the proxies before it, by commas: they alone say for whom they ask",
    ),
    Variable(
        "SPM_SERVE_GATES",
        "yes",
        "`no`: quality pages and closed gates, which name documents and quote senders, are not served",
    ),
    Variable("SPM_SERVE_CHECKS", str(_SERVING_DEFAULT.checks), "forms that are checked at once"),
    Variable(
        "SPM_SERVE_WAITING", str(_SERVING_DEFAULT.waiting), "forms that may come in or wait beside them"
    ),
    Variable("SPM_SERVE_RATE", str(_SERVING_DEFAULT.rate), "forms of one address in a minute"),
    Variable(
        "SPM_SERVE_UPLOAD_SECONDS", str(_SERVING_DEFAULT.upload_seconds), "seconds for a form to come in"
    ),
    Variable("SPM_SERVE_SECONDS", str(_SERVING_DEFAULT.seconds), "seconds to check a form"),
)
_MACHINE = (
    Variable("SPM_THREADS", "2", "threads of DuckDB"),
    Variable("SPM_WORKERS", "2", "processes that read documents"),
    Variable("SPM_MEMORY_LIMIT", "1GB", "memory of DuckDB; what is beyond goes to disk"),
    Variable("SPM_WORK_DB", None, "the work file, for `dbt` by hand (`spm work` sets it)"),
)
_BOUNDS = (
    Variable("SPM_MAX_FILE_MB", str(_LIMITS.file_bytes // MB), "a document"),
    Variable("SPM_MAX_INFLATED_MB", str(_LIMITS.inflated_bytes // MB), "a document, unpacked"),
    Variable("SPM_MAX_RATIO", str(_LIMITS.ratio), "unpacked to packed bytes of a part of an archive"),
    Variable("SPM_MAX_ENTRIES", str(_LIMITS.entries), "parts of an archive"),
    Variable("SPM_MAX_CELLS", str(_LIMITS.cells), "cells of a workbook"),
    Variable("SPM_MAX_CELL_LETTERS", str(_LIMITS.cell_letters), "letters of a cell"),
    Variable("SPM_MAX_LANDED_MB", str(_LIMITS.landed_bytes // MB), "rows of a document in memory"),
    Variable("SPM_MAX_LANDED_RATIO", str(_LIMITS.landed_ratio), "rows of a document, to its own bytes"),
    Variable(
        "SPM_MAX_SOURCE_LANDED_MB",
        str(_LIMITS.source_landed_bytes // MB),
        "rows of a source that are read as one batch, beyond that",
    ),
    Variable(
        "SPM_MAX_PERIOD_LANDED_MB",
        str(_LIMITS.period_landed_bytes // MB),
        "rows of a source for a period, whenever they came",
    ),
    Variable("SPM_MAX_RECORDS", str(_LIMITS.records), "records of one extract of an API"),
    Variable("SPM_PARSE_MEMORY_MB", str(_LIMITS.parse_memory_bytes // MB), "memory to read a document"),
    Variable("SPM_PARSE_SECONDS", str(_LIMITS.parse_seconds), "seconds to read a document"),
    Variable(
        "SPM_SOURCE_SECONDS",
        str(_LIMITS.source_seconds),
        "seconds to read a source in a run; what is left waits for the next",
    ),
)
_GROUPS = (
    ("The installation", _INSTALLATION),
    ("Databases", _DATABASES),
    ("The small server, `spm serve`", _SERVING),
    ("The machine", _MACHINE),
    ("What a document or a source may cost", _BOUNDS),
)
VARIABLES = tuple(variable for _, group in _GROUPS for variable in group)
OF_A_CHECK = ("SPM_NOW", *(one.name for one in (*_MACHINE, *_BOUNDS)))
"""What the process that checks a form for `spm serve` gets of the environment."""

OF_DEPLOYMENT = (
    Variable("DAGSTER_HOME", None, "the folder of Dagster's configuration: `dagster` in the home"),
    Variable("SPM_HTTP_PORT", "80", "compose: the port that leads to the next one"),
    Variable("SPM_HTTPS_PORT", "443", "compose: the port with the login before the UI"),
)
"""Variables that files of ``deploy/`` read, and no code of ours."""

_HEAD = """\
# Settings

Made by `python -m pipelines.variables` from `pipelines/variables.py`; change it there.

Settings are environment variables; a service reads them from one file, [`deploy/spm.env`](../deploy/spm.env)
([deployment](deployment.md)). What is read where stands in the sources file.

**Secrets.** A variable marked *secret*, and each that a sources file or `alerts.yaml` names (`token_env`,
`url_env`, `password_env`, …), may be given as `NAME_FILE` instead: the path of a file with the secret, of at
most 64 kB, without blanks at its ends. Both at once, an empty file, one that cannot be read or that other
accounts can read (outside of `/run/secrets`) ends a command with exit code 2 and one line. No secret is
written to a log, a release or the ledger.
"""
_FOOT = """\
Telemetry of Dagster, dbt and Great Expectations is switched off by the package itself.
"""


def settings_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_tables(), _FOOT])


def _tables() -> Iterator[str]:
    for title, group in (*_GROUPS, ("The deployment", OF_DEPLOYMENT)):
        yield f"## {title}\n"
        yield "| variable | default | meaning |"
        yield "|---|---|---|"
        for one in group:
            default = "-" if one.default is None else f"`{one.default}`"
            secret = "; *secret*" if one.is_secret else ""
            yield f"| `{one.name}` | {default} | {one.meaning}{secret} |"
        yield ""


if __name__ == "__main__":
    PAGE.write_text(settings_page(), encoding="utf-8")
