"""The corpus: every hostile or mistaken document, made on demand, with the rule that refuses it.

Nothing in them harms: a program is its first bytes, a macro is a name, a bomb is made of zeros.
"""

from __future__ import annotations

from tests.hostile.archives import ARCHIVES
from tests.hostile.document import Hostile
from tests.hostile.oversize import OVERSIZE
from tests.hostile.packages import PACKAGES
from tests.hostile.wrong_types import WRONG_TYPES

HOSTILE: dict[str, Hostile] = {**WRONG_TYPES, **ARCHIVES, **OVERSIZE, **PACKAGES}
