"""Modules that a library imports and we never use: imported when something of them is first asked for.

Importing Great Expectations imports SciPy's statistics and Altair, for expectations on distributions and
their pictures. No suite of ours has one. The judge is imported in 5.0 CPU seconds so and in 8.0 without; in a
process that has Dagster and dbt already in 10.0 and 12.6 in all (medians of three, on a busy machine).
``importlib.util.LazyLoader`` does not serve: on Python 3.11 a second ``import`` of the module loads it.

Put here: the stand-in. Keep out: which library is imported so (``gate``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks for its own
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def imported_late(*names: str) -> Iterator[None]:
    """Whoever imports one of these modules inside the block gets a stand-in, which loads it at first use.

    A module that is loaded already is left as it is, and after the block an import is an import again.
    """
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
