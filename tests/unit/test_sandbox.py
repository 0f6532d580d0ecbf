"""A child process ends when it must, and says how: late, out of memory, or by a fault of its own."""

from __future__ import annotations

import resource
import time

import pytest

from pipelines.sandbox import Child, ChildEnded

pytestmark = pytest.mark.attack("reading process")

OPEN = "import os, sys, time; pipe = int(sys.argv[1]); "


def _ended(code: str, limits: dict[int, int] | None = None, sent: bytes = b"") -> tuple[ChildEnded, float]:
    """How a child that runs ``code`` ends, and after how many seconds; it has one."""
    child = Child(["-I", "-S", "-c", OPEN + code], {})
    child.limit(limits or {})
    started = time.monotonic()
    with pytest.raises(ChildEnded) as caught:
        _exchange(child, sent)
    return caught.value, time.monotonic() - started


def _exchange(child: Child, sent: bytes) -> None:
    with child.within(1):
        child.pipe.send_bytes(sent)
        child.pipe.recv_bytes()


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        pytest.param("time.sleep(9)", b"", id="says-nothing"),
        pytest.param(r"os.write(pipe, b'\0\0\1\0half'); time.sleep(9)", b"", id="stops-in-a-message"),
        pytest.param("time.sleep(9)", bytes(2**23), id="does-not-listen"),
    ],
)
def test_a_child_that_takes_too_long_is_ended_whatever_it_does(code: str, sent: bytes) -> None:
    ended, seconds = _ended(code, sent=sent)
    assert ended.is_late
    assert seconds < 4


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("os._exit(3)", "exit 3", id="exit"),
        pytest.param("os.kill(os.getpid(), 11)", "SIGSEGV", id="signal"),
    ],
)
def test_a_child_that_ends_by_itself_is_told_by_its_exit(code: str, said: str) -> None:
    ended, _ = _ended(code)
    assert (str(ended), ended.is_late, ended.is_out_of_memory) == (said, False, False)


def test_a_child_out_of_memory_is_known_by_its_exit() -> None:
    code = "\ntry:\n    bytearray(2**29)\nexcept MemoryError:\n    os._exit(12)"
    ended, _ = _ended(code, {resource.RLIMIT_AS: 2**28})
    assert ended.is_out_of_memory


def test_a_child_has_none_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESPM_TOKEN", "rahasia")
    code = (
        "from multiprocessing.connection import Connection as C; C(pipe).send_bytes(str(os.environ).encode())"
    )
    child = Child(["-I", "-S", "-c", OPEN + code], {"GIVEN": "1"})
    with child.within(20):
        environment = child.pipe.recv_bytes().decode()
    child.end()
    assert "GIVEN" in environment
    assert "rahasia" not in environment


def test_a_limit_for_one_exchange_can_be_raised_for_the_next() -> None:
    child = Child(["-I", "-S", "-c", OPEN + "time.sleep(9)"], {})
    pid = child._process.pid
    for most in (2**28, 2**29):
        child.limit({resource.RLIMIT_DATA: most}, for_good=False)
        assert resource.prlimit(pid, resource.RLIMIT_DATA)[0] == most
    child.limit({resource.RLIMIT_DATA: 2**27})
    assert resource.prlimit(pid, resource.RLIMIT_DATA) == (2**27, 2**27)
    assert child.end() == -9
