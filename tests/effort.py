"""How much the suite looks at: a seeded sample of long runs, or all of them.

``python -m benchmarks.robustness.whole`` sets ``INTERVALDETECT_WHOLE`` and runs what is marked with
one of these.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from typing import TypeVar

WHOLE = "INTERVALDETECT_WHOLE" in os.environ
SEED = 16
T = TypeVar("T")


def sampled(items: Iterable[T], one_in: int) -> list[T]:
    """Return one in so many items, the same ones each time, in their order; or all of them."""
    every = list(items)
    if WHOLE or one_in <= 1:
        return every
    chosen = random.Random(SEED).sample(range(len(every)), k=-(-len(every) // one_in))
    return [every[k] for k in sorted(chosen)]


def examples(whole: int, one_in: int = 5) -> int:
    """Return how many examples a property is tried on, of so many in a whole run."""
    return whole if WHOLE else max(1, whole // one_in)
