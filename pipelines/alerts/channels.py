"""The channels file: whom to tell of which kinds of problems, and of whose.

An address of Apprise holds a password or a token: the file names an environment variable that has it, and no
output shows it.

Put here: reading the file. Keep out: sending (``sending``), when (``telling``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipelines.build.standing import KINDS
from pipelines.errors import ConfigurationError
from pipelines.messages import cause, printable, say
from pipelines.settings import Settings
from pipelines.sources.source import OWNER
from pipelines.storage.yaml_files import YamlFault, read_yaml

_LONGEST = 200


class ChannelsError(ConfigurationError):
    """The channels file cannot be used; the message says file, channel, key and how to fix it."""


def _kind(text: Any) -> Any:
    if text not in KINDS:
        raise ValueError(say("alert.unknown_kind", kind=repr(text)[:_LONGEST], known=", ".join(KINDS)))
    return text


def _owner(text: Any) -> Any:
    if not isinstance(text, str) or not OWNER.fullmatch(text):
        raise ValueError(say("source.no_owner", owner=repr(text)[:_LONGEST]))
    return text


def _address(text: Any) -> Any:
    # one receiver, and nothing that could begin another header
    if (
        not isinstance(text, str)
        or not text.isprintable()
        or text.count("@") != 1
        or set(text) & set(" ,;<>")
    ):
        raise ValueError(say("alert.no_address", address=repr(text)[:_LONGEST]))
    return text


class Channel(BaseModel):
    """One channel. ``url_env`` is the variable with its Apprise address (or ``…_FILE`` with a file's name).

    ``to`` are the receivers of an e-mail server. It is told of ``kinds`` (none: of all) and of what
    ``owners`` answer for (none: whoever does).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    url_env: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    to: tuple[Annotated[str, BeforeValidator(_address)], ...] = ()
    kinds: tuple[Annotated[str, BeforeValidator(_kind)], ...] = ()
    owners: tuple[Annotated[str, BeforeValidator(_owner)], ...] = ()

    def hears(self, kind: str, owners: Sequence[str]) -> bool:
        """Whether it is told of a problem of that kind, which ``owners`` answer for."""
        return (not self.kinds or kind in self.kinds) and (
            not self.owners or bool(set(self.owners) & set(owners))
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channels: list[Channel]


def load_channels(settings: Settings) -> list[Channel]:
    """The channels of a home; none where it has no channels file.

    Raises:
        ChannelsError: the file that SPM_ALERTS names is not there, or a key of it is wrong.
    """
    path = settings.alerts
    if not path.exists() and settings.alerts_file is None:
        return []
    try:
        channels = _File.model_validate(read_yaml(path)).channels
    except YamlFault as error:
        raise ChannelsError(say("source.unreadable", at=path, why=cause(error))) from error
    except ValidationError as error:
        raise ChannelsError(f"{path}: {'; '.join(map(_sentence, error.errors()[:5]))}") from None
    names = [channel.name for channel in channels]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ChannelsError(say("source.name_twice", at=f"{path}: {twice}"))
    return channels


def _sentence(found: Any) -> str:
    key = ".".join(str(part) for part in found["loc"]) or "-"
    if found["type"] == "value_error":
        said = str(found["msg"]).removeprefix("Value error, ")
    elif found["type"] == "missing":
        said = say("source.missing_key", key=repr(found["loc"][-1]))
    else:
        known = ", ".join(Channel.model_fields)
        said = say("alert.wrong_key", known=known)
    return printable(f"{key[:_LONGEST]}: {said}")
