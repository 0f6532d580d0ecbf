"""Files of YAML that people write: every scalar stays the text that was typed, and what is read is bounded.

A short text can stand for a tree without end (an anchor that names itself, ten anchors of ten): whoever walks
such a tree, an error message too, never comes back.

Put here: bytes to a tree. Keep out: what its keys mean (the callers).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipelines.messages import Message, cause, message

MOST_BYTES = 1_000_000
LONGEST_CAUSE = 500
MOST_NODES = 100_000
"""Nodes of a tree, those that an anchor stands for counted each time: some hundred sources with layouts."""


class YamlFault(ValueError):
    """The file is not YAML, or too much of it; raised with a ``Message`` (``cause``)."""


def read_yaml(path: Path) -> Any:
    """The tree of a file: mappings, lists and texts.

    Raises:
        YamlFault: it cannot be read.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise YamlFault(message("yaml.too_large", most=f"{MOST_BYTES // 1000} kB"))
        # BaseLoader leaves every scalar a text: 64.70, 0101 and `no` are codes here, not values
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise YamlFault(_cause(error)) from error
    except RecursionError:
        raise YamlFault(message("yaml.too_deep")) from None
    waiting, nodes = [tree], 0
    while waiting:
        node = waiting.pop()
        nodes += 1
        if nodes + len(waiting) > MOST_NODES:
            raise YamlFault(message("yaml.too_much", most=f"{MOST_NODES:,}"))
        if isinstance(node, str) and "\0" in node:
            # no path, address or name holds one: what it is handed to fails
            raise YamlFault(message("yaml.null"))
        if isinstance(node, dict):
            waiting += [*node, *node.values()]
        elif isinstance(node, list | tuple):
            waiting += node
    return tree


def _cause(error: Exception) -> Message:
    said = cause(error)
    return (
        said if len(said.english) <= 500 else Message(f"{said.indonesian[:500]}…", f"{said.english[:500]}…")
    )
