"""Where an API's pages end: every row is there, or the source is refused with what its answer says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipelines.registry.periods import Period
from pipelines.sources.rest import connector as rest
from pipelines.sources.rest.signs import count_in, error_in, is_last, more_in
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable, UnknownShape
from pipelines.submissions.extract import parsed
from tests.unreliable_server import Portal, Reply, row

Q4 = Period(2024, 4)
NUMBER = {"by": "number", "param": "page"}
TOLD = {**NUMBER, "total": "total"}
OFFSET = {"by": "offset", "param": "offset", "size": 2, "size_param": "limit"}
CURSOR = {"by": "cursor", "param": "c", "next": "meta.next"}
ADDRESS = {"by": "link", "next": "next"}
NO_PAGE = Reply(404, b'{"detail": "Invalid page."}')
ERROR = {"success": False, "message": "Halaman di luar batas"}


@dataclass
class Answers(Portal):
    """A portal of answers by the query of their address (``page=2``), with one for every other."""

    by_query: Mapping[str, Reply] = field(default_factory=dict)
    other: Reply = field(default_factory=Reply)

    def reply(self, target: str, headers: Mapping[str, str]) -> Reply:
        self.asked.append((0, target))
        return self.by_query.get(target.partition("?")[2], self.other)


def _page(*numbers: int, **beside: Any) -> Reply:
    return Reply(body=json.dumps({"data": [row(number) for number in numbers], **beside}).encode())


def _with(reply: Reply, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, reply.body, named)


def _numbered(*pages: Reply) -> dict[str, Reply]:
    return {f"page={number}": page for number, page in enumerate(pages, start=1)}


def _read(
    pages: dict[str, Any] | None, by_query: Mapping[str, Reply], other: Reply = NO_PAGE
) -> tuple[list[str], Answers]:
    """The keys that were read, with repeats, and the portal."""
    with Answers([], by_query=by_query, other=other) as portal:
        spec = RestSource.model_validate(
            {
                "name": "espm",
                "kind": "rest",
                "url": f"{portal.origin}/capaian",
                "key": "id",
                "records": "data",
                **({} if pages is None else {"pages": pages}),
                "columns": {"daerah.kode": "region", "layanan": "service", "realisasi": "realised"},
                "constants": {"record": "achievement", "period": "{period}", "component": "recipients"},
                "requests_per_second": 10_000,
                "backoff_seconds": 0.001,
                "attempts": 2,
            }
        )
        files = rest.extract(spec, Q4)
    lines = [json.loads(line) for file in files for line in file.content.decode().splitlines()]
    return sorted(line["id"] for line in lines), portal


EMPTY = _page()
PAST_THE_END = [
    pytest.param(TOLD, _numbered(_page(1, 2, total=3), _page(3, total=3)), NO_PAGE, id="404-all-there"),
    pytest.param(TOLD, _numbered(_page(1, 2, total=3), _page(3, total=3)), Reply(400), id="400-all-there"),
    pytest.param(TOLD, _numbered(_page(1, 2, total=3), _page(3, total=3)), Reply(500), id="500-all-there"),
    pytest.param(TOLD, _numbered(_page(1, 2, total=3), _page(3, total=3)), Reply(204), id="204-all-there"),
    pytest.param(
        TOLD,
        _numbered(_page(1, 2, total=3), _page(3, total=3)),
        Reply(body=json.dumps(ERROR).encode()),
        id="error-in-a-200-all-there",
    ),
    pytest.param(TOLD, _numbered(_page(1, 2, total=3)), _page(3, total=3), id="repeat-all-there"),
    pytest.param(TOLD, _numbered(_page(1, 2, total=3), _page(3, total=3)), EMPTY, id="empty-without-total"),
    pytest.param(TOLD, {}, _page(1, 2, 3, total=3), id="one-page-that-comes-again-all-there"),
    pytest.param(NUMBER, _numbered(_page(1, 2), _page(3)), NO_PAGE, id="404"),
    pytest.param(NUMBER, _numbered(_page(1, 2, 3)), Reply(204), id="204"),
    pytest.param(NUMBER, _numbered(_page(1, 2, 3)), _page(next="?page=3"), id="empty-that-leads-on"),
    pytest.param(NUMBER, _numbered(_page(1, 2)), _page(3), id="a-short-page-comes-again"),
    pytest.param(
        NUMBER, _numbered(_page(1, 2), _page(3, next=None)), NO_PAGE, id="404-after-the-last-of-two"
    ),
    pytest.param(
        NUMBER,
        _numbered(_page(1, next="?page=2"), _page(2, next="?page=3")),
        _page(3, next=None),
        id="the-last-comes-again",
    ),
    pytest.param(
        OFFSET,
        {"limit=2&offset=0": _page(1, 2), "limit=2&offset=2": _page(3)},
        Reply(416),
        id="offset-416",
    ),
    pytest.param(
        {**ADDRESS, "total": "total"},
        {"": _page(1, 2, next="?p=2", total=3), "p=2": _page(3, next="?p=2", total=3)},
        NO_PAGE,
        id="the-last-leads-to-itself-all-there",
    ),
    pytest.param(
        {**CURSOR, "total": "meta.total"},
        {
            "": _page(1, 2, meta={"next": "x", "total": 3}),
            "c=x": _page(3, meta={"next": "y", "total": 3}),
        },
        NO_PAGE,
        id="a-cursor-to-nowhere-all-there",
    ),
    pytest.param({"by": "none"}, {}, _page(1, 2, 3, count=9, next="?page=2"), id="by-none-in-so-many-words"),
    pytest.param({**NUMBER, "total": ""}, _numbered(_page(1, 2, 3, total=128_000)), NO_PAGE, id="no-total"),
    pytest.param(None, {}, _page(1, 2, 3, count=3, next=None, has_more=False, total_pages=1), id="no-more"),
    pytest.param(None, {}, _page(1, 2, 3, data_of={"count": 9}), id="a-count-of-something-else"),
    pytest.param(
        None, {}, _page(1, 2, 3, success=True, error=None, status=200, code="00", errors=[]), id="no-error"
    ),
]


@pytest.mark.parametrize(("pages", "by_query", "other"), PAST_THE_END)
def test_all_rows_are_read_whatever_the_api_says_after_its_last_page(
    pages: dict[str, Any] | None, by_query: dict[str, Reply], other: Reply
) -> None:
    assert _read(pages, by_query, other)[0] == ["r1", "r2", "r3"]


ANNOUNCED = "2 rows, 4 by "
MORE = "says that there is more"
NOT_WHOLE = [
    pytest.param(None, {}, _page(1, 2, count=4, next="?page=2"), MORE, id="next"),
    pytest.param(None, {}, _page(1, 2, count=4), f"{MORE} (4 > 2): pages?", id="count"),
    pytest.param(None, {}, _page(1, 2, has_more=True), MORE, id="has-more"),
    pytest.param(None, {}, _page(1, 2, pager={"nextPage": 2}), MORE, id="pager"),
    pytest.param(None, {}, _page(1, 2, meta={"current_page": 1, "last_page": 2}), MORE, id="last-page"),
    pytest.param(None, {}, _page(1, 2, totalPages=2, last=False, number=0), MORE, id="spring"),
    pytest.param(None, {}, _page(1, 2, _links={"next": {"href": "/x"}}), MORE, id="hal"),
    pytest.param(None, {}, _page(1, 2, **{"@odata.nextLink": "https://x/y"}), MORE, id="odata"),
    pytest.param(None, {}, _with(_page(1, 2), Link='</x?p=2>; rel="next"'), MORE, id="link"),
    pytest.param(None, {}, _with(_page(1, 2), X_Total_Count="4"), MORE, id="header"),
    pytest.param(None, {}, _with(_page(1, 2), 206), MORE, id="part"),
    pytest.param({"total": "total"}, {}, _page(1, 2, total=2, next="?page=2"), MORE, id="total-of-a-page"),
    pytest.param({"by": "link"}, {}, _page(1, 2, next="?page=2"), MORE, id="no-header-but-a-field"),
    pytest.param(NUMBER, _numbered(_page(1, 2, count=4)), NO_PAGE, ANNOUNCED, id="numbers-count"),
    pytest.param(NUMBER, _numbered(_page(1, next="?page=2")), NO_PAGE, MORE, id="404-in-the-middle"),
    pytest.param(NUMBER, _numbered(_page(1, 2), _page(3, 4)), _page(3, 4), "page 3 is a repeat", id="repeat"),
    pytest.param(NUMBER, _numbered(_page(1, 2), _page(3)), Reply(400), "HTTP 400", id="400"),
    pytest.param(NUMBER, {}, NO_PAGE, "HTTP 404", id="404-at-once"),
    pytest.param(NUMBER, _numbered(_page(1, 2), NO_PAGE, _page(3)), NO_PAGE, "empty page", id="404-gap"),
    pytest.param(TOLD, _numbered(_page(1, 2, total=4)), NO_PAGE, ANNOUNCED, id="404-too-early"),
    pytest.param(
        TOLD, _numbered(_page(1, 2, total=2), _page(3, 4, total=2)), NO_PAGE, "4 rows, 2 by", id="total-small"
    ),
    pytest.param(
        CURSOR, {"": _page(1, 2, meta={"next": None, "total": 4})}, NO_PAGE, ANNOUNCED, id="cursor-count"
    ),
    pytest.param(
        CURSOR, {"": _page(1, 2, meta={"next": None, "hasMore": True})}, NO_PAGE, MORE, id="cursor-more"
    ),
    pytest.param(
        ADDRESS, {"": _page(1, next="?p=2"), "p=2": NO_PAGE}, NO_PAGE, "HTTP 404", id="address-to-nowhere"
    ),
]
TWICE = [
    pytest.param(NUMBER, _numbered(_page(1, 2), _page(2, 3)), EMPTY, id="number"),
    pytest.param(
        {**NUMBER, "total": "total"},
        _numbered(_page(1, 2, total=4), _page(2, 3, total=4)),
        EMPTY,
        id="number-total-fits",
    ),
    pytest.param(
        OFFSET, {"limit=2&offset=0": _page(1, 2), "limit=2&offset=2": _page(2, 3)}, EMPTY, id="offset"
    ),
    pytest.param(
        CURSOR, {"": _page(1, 2, meta={"next": "x"}), "c=x": _page(2, 3, meta={})}, EMPTY, id="cursor"
    ),
    pytest.param(ADDRESS, {"": _page(1, 2, next="?p=2"), "p=2": _page(2, 3, next=None)}, EMPTY, id="address"),
    pytest.param(
        {"by": "link"},
        {"": _with(_page(1, 2), Link="<?p=2>; rel=next"), "p=2": _page(2, 3)},
        EMPTY,
        id="link",
    ),
]
ERRORS = [
    pytest.param({"success": False, "message": "Basis data penuh"}, "$.success", id="success"),
    pytest.param({"status": False, "pesan": "Basis data penuh", "data": []}, "$.status", id="status-false"),
    pytest.param({"status": "error", "message": "Basis data penuh", "data": []}, "$.status", id="status"),
    pytest.param({"errors": [{"message": "Basis data penuh"}], "data": [row(9)]}, "$.errors", id="graphql"),
    pytest.param({"error": "Basis data penuh", "data": []}, "$.error", id="error"),
    pytest.param({"code": 500, "message": "Basis data penuh", "data": []}, "$.code", id="code"),
    pytest.param(
        {"metaData": {"code": "503", "message": "Basis data penuh"}, "data": []}, "$.metaData.code", id="meta"
    ),
]


@pytest.mark.parametrize(("pages", "by_query", "other", "words"), NOT_WHOLE)
def test_what_is_not_whole_is_refused_with_what_the_answer_says(
    pages: dict[str, Any] | None, by_query: dict[str, Reply], other: Reply, words: str
) -> None:
    with pytest.raises(SourceUnavailable) as refused:
        _read(pages, by_query, other)
    assert words in str(refused.value)


@pytest.mark.parametrize(("pages", "by_query", "other"), TWICE)
def test_a_key_on_two_pages_is_not_folded_into_one_row(
    pages: dict[str, Any], by_query: dict[str, Reply], other: Reply
) -> None:
    with pytest.raises(SourceUnavailable, match="key r2 is on pages 1 and 2"):
        _read(pages, by_query, other)


def test_a_key_twice_on_one_page_is_two_rows() -> None:
    assert _read(NUMBER, _numbered(_page(1, 2, 2)))[0] == ["r1", "r2", "r2"]


@pytest.mark.parametrize(("body", "place"), ERRORS)
@pytest.mark.parametrize("page", [1, 2])
def test_an_error_in_a_200_is_no_empty_page(body: dict[str, Any], place: str, page: int) -> None:
    answers = [_page(1, 2)] * (page - 1) + [Reply(body=json.dumps(body).encode())]
    with pytest.raises(UnknownShape) as refused:
        _read(NUMBER, _numbered(*answers), EMPTY)
    assert f"{place}: " in str(refused.value)
    assert "Basis data penuh" in str(refused.value)


def test_an_error_in_a_200_that_passes_costs_one_more_attempt() -> None:
    class Once(Answers):
        def reply(self, target: str, headers: Mapping[str, str]) -> Reply:
            found = super().reply(target, headers)
            return Reply(body=json.dumps(ERROR).encode()) if len(self.asked) == 1 else found

    with Once([], other=_page(1, 2)) as portal:
        spec = RestSource.model_validate(
            {"name": "a", "kind": "rest", "url": portal.origin, "records": "data", "key": "id"}
            | {"backoff_seconds": 0.001, "requests_per_second": 10_000}
        )
        (read,) = rest.extract(spec, Q4)
    assert len(read.content.splitlines()) == 2


def test_a_secret_that_an_api_repeats_in_its_error_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UJI_TOKEN", "r4h4s1a")
    with Answers([], other=Reply(body=b'{"error": "token r4h4s1a is unknown"}')) as portal:
        spec = RestSource.model_validate(
            {"name": "a", "kind": "rest", "url": portal.origin, "key": "id", "token_env": "UJI_TOKEN"}
            | {"attempts": 1}
        )
        with pytest.raises(UnknownShape, match=r"token \*\*\* is unknown") as refused:
            rest.extract(spec, Q4)
    assert "r4h4s1a" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"data": [{"next": "x", "error": "y", "total": 9}]}, id="in-a-row"),
        pytest.param({"data": [], "next": "", "hasMore": "false", "error": 0}, id="words-for-no"),
        pytest.param({"data": [], "recordsTotal": 900, "recordsFiltered": 0}, id="filtered"),
        pytest.param({"data": [], "ringkasan": {"next": "x", "error": "y", "total": 9}}, id="another-object"),
    ],
)
def test_what_is_no_sign(body: dict[str, Any]) -> None:
    read = parsed(json.dumps(body))
    assert error_in(read, "data") is None
    assert more_in(read, "data", 1) is None
    assert (count_in(read, "data") or ("", 0))[1] == 0


def test_the_end_is_said_by_the_fields_that_could_say_more() -> None:
    assert is_last(parsed('{"data": [], "next": null}'), "data", 1)
    assert is_last(parsed('{"meta": {"last_page": 2}}'), "", 2)
    assert not is_last(parsed('{"data": []}'), "data", 1)
