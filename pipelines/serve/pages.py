"""The server's own pages: the form of ``/cek``, what is said of a file, the list of gates, a few lines.

A page is in one language; the other is one link away. Whatever a sender wrote is escaped by the templates.

Put here: rendering. Keep out: words (``messages.csv``), what was found (``check_child``).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from pipelines.messages import Language, Message, message
from pipelines.serve.checker import Answer, Form
from pipelines.serve.early import EarlyResponse
from pipelines.settings import MB

_HERE = Path(__file__).parent
STYLE = _HERE / "assets" / "gaya.css"
_MOST_EMBEDDED = 6 * MB
"""The largest workbook that a page carries; a larger one is sent by itself."""
_DEEPEST = 8
_LINE = re.compile(r"L(\d+)(?::([A-Z]{1,3}(?:\+[A-Z+]+)?))?")
WORDS = (
    "serve.accepted",
    "serve.after",
    "serve.again",
    "serve.all_in_workbook",
    "serve.before",
    "serve.check",
    "serve.check_to_workbook",
    "serve.choose",
    "serve.closed_gates",
    "serve.current_release",
    "serve.estimate",
    "serve.file",
    "serve.gates",
    "serve.home",
    "serve.how",
    "serve.in_file",
    "serve.index",
    "serve.language",
    "serve.not_reported",
    "serve.nothing",
    "serve.nothing_kept",
    "serve.open_data",
    "serve.other_language",
    "serve.published_value",
    "serve.quarantined",
    "serve.received",
    "serve.rejected",
    "serve.releases",
    "serve.sector",
    "serve.skip",
    "serve.small",
    "serve.take_workbook",
    "serve.title",
    "serve.to_correct",
    "serve.to_look_at",
    "serve.to_know",
    "serve.value",
    "serve.well",
)
"""What the templates say by themselves."""


def language_of(request: Request) -> Language:
    """The language that a page is asked for in; Indonesian unless English is."""
    return "en" if request.query_params.get("lang") == "en" else "id"


def page(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    is_early: bool = False,
    **given: Any,
) -> Response:
    """A page of the server; ``is_early``: what is asked is still coming in."""
    language = language_of(request)
    path = request.scope["path"]
    # every link is relative: it holds whatever a proxy puts before the path
    root = "../" * min(max(0, path.count("/") - 1), _DEEPEST)

    def told(said: Message | str) -> str:
        found = message(said) if isinstance(said, str) else said
        return found.indonesian if language == "id" else found.english

    rendered = _environment().get_template(template).render(told=told, language=language, root=root, **given)
    kind = EarlyResponse if is_early else Response
    return kind(
        rendered.encode("utf-8", "replace"),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        "text/html; charset=utf-8",
    )


def result(request: Request, form: Form, answer: Answer, most_megabytes: int) -> Response:
    """The page on a file that was checked."""
    book = answer.workbook
    embedded = base64.b64encode(book).decode() if 0 < len(book) <= _MOST_EMBEDDED else ""
    return page(
        request,
        "hasil.html",
        name=form.name,
        place=_place,
        said=answer.said,
        workbook=embedded,
        workbook_name=workbook_name(form),
        most=most_megabytes,
    )


def workbook_name(form: Form) -> str:
    """What the feedback workbook of a form is called."""
    stem = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in Path(form.name).stem)
    return f"umpan-balik-{stem.strip('.') or 'formulir'}.xlsx"


def _place(place: str) -> Message:
    """Where a finding stands, as people say it: the cell of a sheet, or the line of a CSV."""
    if not place:
        return message("serve.whole_document")
    found = _LINE.fullmatch(place)
    if found is None:
        return Message(place, place)
    if found[2] is None:
        return message("serve.line", line=found[1])
    return message("serve.line_and_column", line=found[1], column=found[2])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = lambda text: "–" if text is None else str(text).replace(".", ",")
    return environment
