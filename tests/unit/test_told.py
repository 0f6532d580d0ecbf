"""What errors say where they are kept or sent: no secret, no person, whatever library raised them."""

from __future__ import annotations

import traceback

import dagster as dg
import pytest
from sqlalchemy.exc import DBAPIError

from pipelines.defs.assets.facts import cause_of, in_one_line
from pipelines.errors import UnavailableError
from pipelines.messages import cause, say
from pipelines.registry.told import hidden, told, without_secrets

pytestmark = pytest.mark.attack("output")

NIK, PHONE, MAIL = "6471051708890003", "081234567890", "siti.aminah@contoh.go.id"
PASSWORD = "s3ndiri-rahasia"
ADDRESS = f"postgresql://dinas:{PASSWORD}@db.example.go.id/spm"
SAID = [
    (f'invalid input syntax for type integer: "{NIK}"', NIK),
    (f"Key (hp)=({PHONE}) already exists.", PHONE),
    (f"user {MAIL} is locked", MAIL),
    (f"could not connect to {ADDRESS}", PASSWORD),
    ("401 for https://api.example.go.id/v1?triwulan=2024-Q4&token=kunci-lain", "kunci-lain"),
    ("header Authorization: Bearer kunci-lain refused", "kunci-lain"),
]


@in_one_line()
def _raise_known(said: str) -> None:
    try:
        raise ConnectionError(said)
    except ConnectionError as error:
        raise UnavailableError(say("raw.not_here", at=cause(error))) from error


@in_one_line()
def _raise_fault(said: str) -> None:
    try:
        raise KeyError(said)
    except KeyError as error:
        raise ValueError(f"bad: {said}") from error


@pytest.mark.parametrize(("said", "never"), SAID)
def test_neither_an_error_nor_what_led_to_it_says_it(said: str, never: str) -> None:
    """As Dagster keeps it: the failure, its cause and tracebacks."""
    with pytest.raises(dg.Failure) as caught:
        _raise_known(said)
    kept = "".join(traceback.format_exception(caught.value))
    assert never not in kept
    assert never not in str(caught.value.description)
    assert isinstance(cause_of(caught.value), UnavailableError)


@pytest.mark.parametrize(("said", "never"), SAID)
def test_nor_does_a_fault_of_ours(said: str, never: str) -> None:
    with pytest.raises(ValueError, match="bad") as caught:
        _raise_fault(said)
    assert never not in "".join(traceback.format_exception(caught.value))


def test_an_error_that_is_made_of_other_things_is_replaced() -> None:
    """SQLAlchemy shows the parameters of a statement, which are no arguments of the exception."""
    error = DBAPIError("insert into t values (?)", (NIK,), ValueError("no"))
    assert NIK in str(error)
    found = hidden(error)
    assert NIK not in "".join(traceback.format_exception(found))
    assert "DBAPIError" in str(found)
    led = UnavailableError("away")
    led.__cause__ = DBAPIError("insert into t values (?)", (NIK,), ValueError("no"))
    assert hidden(led) is led
    assert NIK not in "".join(traceback.format_exception(led))


def test_what_says_nothing_is_left_as_it_is() -> None:
    error = UnavailableError("2024-Q4: 492 dokumen; /var/lib/spm/raw/blobs/ab/" + "ab" * 32)
    error.__cause__ = OSError(28, "No space left on device")
    args = error.args
    assert hidden(error) is error
    assert error.args is args
    assert isinstance(error.__cause__, OSError)
    assert told(str(error)) == without_secrets(str(error)) == str(error)
