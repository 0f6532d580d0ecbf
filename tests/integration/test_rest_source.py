"""Every row of an API comes in once, whatever the network and the API do; or the extract is refused aloud."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.registry.periods import Period
from pipelines.sources.rest import connector as rest
from pipelines.sources.rest.pages import _next_link
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable, UnknownShape
from pipelines.submissions import extract as extract_document
from pipelines.submissions.rows import RawFile, Reject
from tests.unreliable_server import CHANGES, HARMLESS, LIES, STYLES, WAY, Held, Portal, Reply, held, row

Q4 = Period(2024, 4)
SOME_PLANS = 60
SECRET = "r4h4s1a"

PAGES: dict[str, dict[str, Any]] = {
    "none": {},
    "number": {"by": "number", "param": "page", "size": 3},
    "offset": {"by": "offset", "param": "offset", "size": 3},
    "cursor": {"by": "cursor", "param": "cursor", "next": "meta.next"},
    "link": {"by": "link"},
    "next": {"by": "link", "next": "meta.next"},
}
AUTH: dict[str, tuple[dict[str, str], tuple[str, str] | None]] = {
    "none": ({}, None),
    "bearer": ({"token_env": "UJI_TOKEN"}, ("Authorization", f"Bearer {SECRET}")),
    "basic": (
        {"auth": "basic", "user_env": "UJI_USER", "password_env": "UJI_TOKEN"},
        ("Authorization", "Basic YW5pOnI0aDRzMWE="),
    ),
    "api_key": ({"auth": "api_key", "token_env": "UJI_TOKEN"}, ("X-API-Key", SECRET)),
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UJI_TOKEN", f"{SECRET}\n")
    monkeypatch.setenv("UJI_USER", "ani")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def _spec(portal: Portal, **keys: Any) -> RestSource:
    pages = {**PAGES[portal.style], **({"total": "meta.total"} if portal.tells_total else {})}
    given = {
        "name": "espm",
        "kind": "rest",
        "url": f"{portal.origin}/capaian",
        "key": "id",
        "records": "data",
        "pages": pages,
        "columns": {"daerah.kode": "region", "layanan": "service", "realisasi": "realised"},
        "constants": {"record": "achievement", "period": "{period}", "component": "recipients"},
        "requests_per_second": 10_000,
        "backoff_seconds": 0.001,
        "timeout_seconds": 5,
    }
    return RestSource.model_validate({**given, **keys})


def _got(files: list[RawFile]) -> Held:
    lines = [json.loads(line) for file in files for line in file.content.decode().splitlines()]
    return sorted((line["id"], str(line["realisasi"])) for line in lines)


def _plan(random: Random, tells_total: bool) -> dict[int, str]:
    """Faults for the first requests: at most three that make a pass useless, four that spoil one answer.

    A lie that is told alike in two passes is the truth to any reader, unless the portal tells the total.
    """
    lies = [random.choice(LIES) for _ in range(random.randint(0, 3 if tells_total else 1))]
    changes = [random.choice(CHANGES) for _ in range(random.randint(0, 3 - len(lies)))]
    way = [random.choice(WAY[:-1]) for _ in range(random.randint(0, 3))]
    slow = ["slow"] * (random.random() < 0.08)
    faults = [*lies, *changes, *way, *slow, random.choice(HARMLESS)]
    return dict(zip(random.sample(range(18), len(faults)), faults, strict=True))


def _misbehaving(seed: int) -> tuple[Portal, dict[str, Any]]:
    random = Random(seed)
    tells_total = random.random() < 0.5
    keys, header = random.choice([*AUTH.values()])
    portal = Portal(
        rows=[row(number) for number in range(random.randint(0, 14))],
        style=STYLES[seed % len(STYLES)],
        tells_total=tells_total,
        header=header,
        plan=_plan(random, tells_total),
    )
    return portal, {**keys, "attempts": 6, "timeout_seconds": 0.4}


@pytest.mark.parametrize("plans", [range(80), pytest.param(range(80, 240), marks=pytest.mark.slow)], ids=str)
def test_under_any_plan_of_faults_all_rows_come_and_none_twice(plans: range) -> None:
    fired: set[str] = set()
    for seed in plans:
        portal, keys = _misbehaving(seed)
        with portal:
            got = _got(rest.extract(_spec(portal, **keys), Q4))
        assert got in portal.states, f"seed {seed}: {portal.style}, {portal.plan}"
        fired |= portal.fired
    assert {*WAY, *HARMLESS, *LIES, *CHANGES} <= fired


def test_one_reading_alone_would_lose_rows() -> None:
    wrong = 0
    for seed in range(SOME_PLANS):
        portal, keys = _misbehaving(seed)
        portal.tells_total = False
        portal.plan = {number: fault for number, fault in portal.plan.items() if fault != "slow"}
        with portal:
            try:
                wrong += _got(rest.extract(_spec(portal, **keys, stable_reads=1), Q4)) not in portal.states
            except SourceUnavailable:
                continue
    assert wrong > SOME_PLANS / 20


def test_an_api_that_gives_less_than_a_page_is_asked_for_loses_nothing() -> None:
    with Portal([row(number) for number in range(10)], style="offset", size=2) as portal:
        spec = _spec(portal, pages={**PAGES["offset"], "size": 100})
        assert _got(rest.extract(spec, Q4)) == held(portal.rows)


def test_an_empty_page_in_the_middle_is_no_end_though_it_is_told_alike_twice() -> None:
    portal = Portal([row(number) for number in range(9)], style="number", plan={1: "empty", 4: "empty"})
    with portal:
        assert _got(rest.extract(_spec(portal), Q4)) == held(portal.rows)


def test_a_count_that_changes_is_heard_though_the_rows_fit_the_last_one() -> None:
    rows = [row(number) for number in range(6)]
    with Portal(rows, style="number", plan={1: "deleted"}, tells_total=True) as portal:
        assert _got(rest.extract(_spec(portal, stable_reads=1), Q4)) == held(portal.rows)


def test_a_large_compressed_answer_comes_whole() -> None:
    rows = [row(number) for number in range(5000)]
    body = json.dumps({"data": rows}).encode()
    members = gzip.compress(body[:100_000]) + gzip.compress(body[100_000:])
    with Portal([], fixed=Reply(body=members, headers={"Content-Encoding": "gzip"})) as portal:
        assert _got(rest.extract(_spec(portal), Q4)) == held(rows)


def test_a_region_and_period_is_a_document_in_the_words_of_the_source() -> None:
    body = b'[{"id": 7, "daerah": {"kode": "64.71"}, "layanan": "x", "target": 2000, "realisasi": 1234.50}]'
    with Portal([], fixed=Reply(body=body)) as portal:
        (file,) = rest.extract(_spec(portal, records=""), Q4)
    assert file.name == "64.71_2024-Q4.ndjson"
    assert b'"realisasi":1234.50' in file.content
    reading = extract_document.read(file, _spec(portal))
    assert not isinstance(reading, Reject)
    assert reading.select(["region", "period", "realised", "row_place"]).to_pylist() == [
        {"region": "64.71", "period": "2024-Q4", "realised": "1234.50", "row_place": "7"}
    ]


def test_the_same_rows_in_another_order_are_the_same_bytes() -> None:
    rows = [row(number) for number in range(9)]
    with Portal(rows, style="link") as portal, Portal(rows[::-1], style="number") as other:
        assert rest.extract(_spec(portal), Q4) == rest.extract(_spec(other), Q4)


def test_the_period_is_filled_into_address_and_parameters() -> None:
    with Portal([row(1)]) as portal:
        spec = _spec(portal, url=f"{portal.origin}/{{year}}?tw={{quarter}}", params={"p": "{period}"})
        rest.extract(spec, Q4)
    assert portal.asked[0][1] == "/2024?tw=4&p=2024-Q4"


# --- politeness and bounds


@pytest.mark.parametrize("is_date", [False, True])
def test_a_server_that_asks_for_rest_gets_it(is_date: bool) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    busy = Reply(503, headers={"Retry-After": soon if is_date else "1"})
    with Portal([row(1)], plan={0: busy}) as portal:
        rest.extract(_spec(portal), Q4)
    # a date has no fractions of a second
    assert _gaps(portal)[0] >= (0.8 if is_date else 1.0)


def test_a_server_that_asks_for_too_long_a_rest_is_left_alone() -> None:
    with Portal([], fixed=Reply(429, headers={"Retry-After": "7200"})) as portal:
        with pytest.raises(SourceUnavailable, match="Retry-After: 7200 s"):
            rest.extract(_spec(portal), Q4)
        assert len(portal.asked) == 1


def test_attempts_end_and_the_message_says_how_many_there_were() -> None:
    with Portal([], fixed=Reply(503)) as portal:
        with pytest.raises(SourceUnavailable, match=r"espm: .*3 kali.*HTTP 503"):
            rest.extract(_spec(portal, attempts=3), Q4)
        assert len(portal.asked) == 3


def test_an_extract_has_its_time_and_no_more() -> None:
    portal = Portal([row(1)], plan=dict.fromkeys(range(9), "slow"))
    with portal, pytest.raises(SourceUnavailable, match="max_seconds"):
        rest.extract(_spec(portal, max_seconds=0.5), Q4)
    assert len(portal.asked) == 1


@pytest.mark.attack("sources")
def test_an_answer_that_drips_is_not_waited_for() -> None:
    # each byte comes in time, the whole never would
    with Portal([], fixed=Reply(body=b" " * 100, seconds_per_byte=0.05)) as portal:
        with pytest.raises(SourceUnavailable, match="max_seconds"):
            rest.extract(_spec(portal, max_seconds=0.3), Q4)
        assert time.monotonic() - portal.asked[0][0] < 2


def test_requests_keep_to_the_rate() -> None:
    with Portal([row(number) for number in range(6)], style="number") as portal:
        rest.extract(_spec(portal, requests_per_second=20), Q4)
    assert len(portal.asked) == 8
    # a request may be late on the line and the next one not: any run of them keeps to the rate but for that
    times = [at for at, _ in portal.asked]
    late = 0.03
    assert all(
        times[last] - times[first] > (last - first) * 0.05 - late
        for first in range(len(times))
        for last in range(first + 1, len(times))
    )


@pytest.mark.attack("sources")
def test_a_small_answer_that_unpacks_to_a_large_one_is_stopped() -> None:
    bomb = gzip.compress(b"[" + b" " * 200_000_000, 9)
    tracemalloc.start()
    reply = Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    with Portal([], fixed=reply) as portal, pytest.raises(SourceUnavailable, match="max_mb"):
        rest.extract(_spec(portal, max_mb=1), Q4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_pages_are_bounded_together() -> None:
    rows = [{**row(number), "catatan": "x" * 1000 * number} for number in range(10)]
    whole = len(json.dumps(rows)) / 2**20
    with Portal(rows, style="number", size=1) as portal:
        rest.extract(_spec(portal, max_mb=whole * 1.1), Q4)
        with pytest.raises(SourceUnavailable, match="max_mb"):
            rest.extract(_spec(portal, max_mb=whole * 0.9), Q4)


# --- safety


@pytest.mark.attack("sources")
@pytest.mark.parametrize(("way", "words"), [("redirect", "another place"), ("next", "not allowed")])
def test_credentials_go_to_the_hosts_of_the_source_alone(way: str, words: str) -> None:
    with Portal([row(1)]) as elsewhere, Portal([], header=AUTH["bearer"][1]) as portal:
        following = {"next": f"{elsewhere.origin}/capaian"}
        portal.fixed = Reply(302, headers={"Location": f"{elsewhere.origin}/capaian"})
        if way == "next":
            portal.fixed = Reply(body=json.dumps({"data": [row(1)], "meta": following}).encode())
        with pytest.raises(SourceUnavailable, match=words):
            rest.extract(_spec(portal, token_env="UJI_TOKEN", pages=PAGES["next"]), Q4)
        assert elsewhere.asked == []


def test_a_host_that_the_source_names_is_asked() -> None:
    with Portal([row(2)]) as elsewhere, Portal([row(1)], style="next") as portal:
        following = {"next": f"{elsewhere.origin}/capaian"}
        portal.fixed = Reply(body=json.dumps({"data": [row(1)], "meta": following}).encode())
        hosts = [origin.removeprefix("http://") for origin in (portal.origin, elsewhere.origin)]
        spec = _spec(portal, hosts=hosts, pages={"by": "link", "next": "meta.next"})
        assert _got(rest.extract(spec, Q4)) == held([row(1), row(2)])


@pytest.mark.attack("sources")
def test_redirects_end() -> None:
    portal = Portal([row(1)], plan=dict.fromkeys(range(99), "redirected"))
    with portal, pytest.raises(SourceUnavailable, match="more than 3 redirects"):
        rest.extract(_spec(portal), Q4)


@pytest.mark.attack("sources")
@pytest.mark.parametrize("auth", ["bearer", "basic", "api_key"])
def test_a_wrong_secret_is_named_by_its_variable_and_never_shown(auth: str) -> None:
    with Portal([row(1)], header=("Authorization", "lain")) as portal:
        with pytest.raises(SourceUnavailable, match="UJI_TOKEN") as refused:
            rest.extract(_spec(portal, **AUTH[auth][0]), Q4)
        assert len(portal.asked) == 1
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("", "not set", id="absent"),
        pytest.param(f"{SECRET}\r\nX: y", "is no token", id="two-lines"),
    ],
)
def test_a_secret_that_cannot_be_sent_is_an_error_before_any_request(
    monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    monkeypatch.setenv("UJI_TOKEN", value)
    with Portal([row(1)]) as portal:
        with pytest.raises(SourceUnavailable, match=said) as refused:
            rest.extract(_spec(portal, token_env="UJI_TOKEN"), Q4)
        assert portal.asked == []
    assert SECRET not in str(refused.value)


# --- shapes


def _body(**record: Any) -> dict[str, Any]:
    return {"data": [{**row(1), **record}], "meta": {"total": 1}}


def _without(name: str) -> dict[str, Any]:
    return {"data": [{key: value for key, value in row(1).items() if key != name}], "meta": {}}


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        pytest.param({"items": []}, "$.data", "items", id="rows-elsewhere"),
        pytest.param({"data": {"id": 1}}, "$.data", "an object", id="rows-no-list"),
        pytest.param({"data": [row(1), 5]}, "$.data[1]", "no object", id="a-row-that-is-none"),
        pytest.param(_without("realisasi"), "$.data[*]", "missing: realisasi; ", id="a-field-renamed"),
        pytest.param(_without("id"), "$.data[*]", "without the key: id; ", id="no-key"),
        pytest.param('{"data": [{"id": 1, "id": 2}]}', "$..id", "named twice", id="a-field-twice"),
        pytest.param("[" * 100_000, "$", "too deep", id="too-deep"),
        pytest.param("<html>Masuk</html>", "$", "no JSON", id="a-page-for-people"),
    ],
)
def test_a_changed_shape_is_refused_with_its_place_and_the_answer_kept(
    body: Any, place: str, words: str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    with Portal([], fixed=Reply(body=text.encode())) as portal:
        with pytest.raises(UnknownShape) as refused:
            rest.extract(_spec(portal, attempts=2), Q4)
        rejected = extract_document.read(refused.value.document, _spec(portal))
    assert isinstance(rejected, Reject)
    assert (rejected.rule_id, rejected.place) == ("DOC-006", place)
    assert words in rejected.value
    assert json.loads(refused.value.document.content)["body"] == text


@pytest.mark.parametrize(
    ("style", "pages", "meta", "place"),
    [
        pytest.param("cursor", {}, {"nxt": "c1"}, "$.meta.next", id="no-cursor-on-any-page"),
        pytest.param("cursor", {}, {"next": {"c": 1}}, "$.meta.next", id="a-cursor-that-is-none"),
        pytest.param("next", {}, {"next": 5}, "$.meta.next", id="an-address-that-is-none"),
        pytest.param("number", {"total": "meta.total"}, {"total": "?"}, "$.meta.total", id="no-total"),
    ],
)
@pytest.mark.attack("sources")
def test_what_leads_to_the_next_page_is_not_guessed(
    style: str, pages: dict[str, str], meta: dict[str, Any], place: str
) -> None:
    with Portal([], fixed=Reply(body=json.dumps({"data": [row(1)], "meta": meta}).encode())) as portal:
        with pytest.raises(UnknownShape) as refused:
            rest.extract(_spec(portal, pages={**PAGES[style], **pages}), Q4)
        rejected = extract_document.read(refused.value.document, _spec(portal))
    assert isinstance(rejected, Reject)
    assert rejected.place == place


@pytest.mark.parametrize(
    ("style", "meta", "words"),
    [
        pytest.param("number", {}, "page 2 is a repeat", id="an-api-that-knows-no-pages"),
        pytest.param("cursor", {"next": "c1"}, "page 2 is a repeat", id="a-cursor-that-stands-still"),
        pytest.param("none", {"total": 7}, "1 rows, 7 by its own count", id="a-total-that-is-not-there"),
    ],
)
def test_a_source_that_contradicts_itself_is_not_believed(
    style: str, meta: dict[str, Any], words: str
) -> None:
    with Portal([], fixed=Reply(body=json.dumps({"data": [row(1)], "meta": meta}).encode())) as portal:
        pages = {**PAGES[style], **({"total": "meta.total"} if "total" in meta else {})}
        with pytest.raises(SourceUnavailable, match=words):
            rest.extract(_spec(portal, pages=pages), Q4)


@pytest.mark.attack("sources")
def test_empty_pages_in_a_ring_come_to_an_end() -> None:
    portal = Portal([], fixed=Reply(body=b'{"data": [], "meta": {"next": "c1"}}'))
    with portal, pytest.raises(SourceUnavailable, match="leads back"):
        rest.extract(_spec(portal, pages=PAGES["cursor"]), Q4)


@pytest.mark.attack("sources")
def test_a_redirect_to_another_host_is_refused_even_to_one_that_is_known() -> None:
    with Portal([row(1)]) as elsewhere, Portal([]) as portal:
        portal.fixed = Reply(302, headers={"Location": f"{elsewhere.origin}/capaian"})
        hosts = [origin.removeprefix("http://") for origin in (portal.origin, elsewhere.origin)]
        with pytest.raises(SourceUnavailable, match="another place"):
            rest.extract(_spec(portal, hosts=hosts), Q4)
        assert elsewhere.asked == []


def test_a_source_that_never_rests_is_not_believed() -> None:
    portal = Portal([row(number) for number in range(9)], plan=dict.fromkeys(range(99), "changed"))
    with portal, pytest.raises(SourceUnavailable, match="two readings differ"):
        rest.extract(_spec(portal), Q4)


@pytest.mark.parametrize(
    ("said", "note"),
    [
        pytest.param(b'"Caf\xe9 \xe2\x80\x93"', "Café –", id="windows"),
        pytest.param(b'"a\\ud800b"', "a\ufffdb", id="half-a-character"),
    ],
)
def test_a_letter_that_is_none_costs_no_row(said: bytes, note: str) -> None:
    rows = json.dumps([{**row(1), "catatan": "?"}, row(2)]).encode().replace(b'"?"', said)
    with Portal([], fixed=Reply(body=b'{"data": %b, "meta": {"total": 2}}' % rows)) as portal:
        files = rest.extract(_spec(portal, pages={}), Q4)
    told = [json.loads(line) for file in files for line in file.content.decode().splitlines()]
    assert sorted(str(one.get("catatan")) for one in told) == sorted([note, "None"])


def test_a_row_without_its_key_stops_no_other() -> None:
    rows = [row(1), {**row(2), "id": None}]
    with Portal([], fixed=Reply(body=json.dumps({"data": rows}).encode())) as portal:
        files = rest.extract(_spec(portal), Q4)
        readings = [extract_document.read(file, _spec(portal)) for file in files]
    assert sorted(str(rule) for reading in readings for rule in reading["reject_rule"].to_pylist()) == [
        "None",
        "ROW-002",
    ]


# --- the sources file


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param({"pages": {"param": "page"}}, "pages.param", id="half-a-way-of-paging"),
        pytest.param({"pages": {"by": "number", "param": "p", "next": "n"}}, "pages.next", id="two-ways"),
        pytest.param({"hosts": ["lain.go.id"]}, "127.0.0.1", id="hosts-without-its-own"),
        pytest.param({"hosts": ["http://x.go.id/"]}, "no host", id="an-address-for-a-host"),
        pytest.param({"params": {"api_key": "x"}}, "use auth", id="a-secret-among-the-parameters"),
        pytest.param({"constants": {"triwulan": "4"}}, "triwulan", id="a-constant-not-ours"),
        pytest.param({"constants": {"region": "64"}}, "region", id="a-column-from-two-places"),
        pytest.param({"key_header": "X-Key: y"}, "key_header", id="a-header-that-is-none"),
    ],
)
def test_a_source_that_would_lose_rows_or_secrets_is_refused_in_the_sources_file(
    keys: dict[str, Any], words: str
) -> None:
    with Portal([]) as portal, pytest.raises(ValidationError, match=words):
        _spec(portal, **keys)


def _gaps(portal: Portal) -> list[float]:
    times = [at for at, _ in portal.asked]
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.mark.parametrize(
    ("header", "following"),
    [
        pytest.param('</p?a=1;b=2>; rel="next"', "/p?a=1;b=2", id="semicolon-in-the-target"),
        pytest.param('</p>; title="a=b, <c>"; rel="next"', "/p", id="signs-in-a-text"),
        pytest.param('</p>; title="x; rel=prev"; rel="next"', "/p", id="a-relation-in-a-text"),
        pytest.param("</1>; rel=prev, </2>; Rel=Next", "/2", id="letter-case"),
        pytest.param('</1>; rel="first prev", </2>; rel="last next"', "/2", id="many-relations"),
        pytest.param('</1>; rel="prev"; rel="next"', None, id="the-first-of-two"),
        pytest.param('</1>; rev="next"', None, id="another-parameter"),
    ],
)
def test_the_next_link_is_found_among_all_that_a_header_may_hold(header: str, following: str | None) -> None:
    assert _next_link(header) == following
