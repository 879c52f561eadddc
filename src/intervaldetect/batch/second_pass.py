"""What follows once the files of an athlete are read: nothing counts twice, then all is judged."""

from __future__ import annotations

from collections.abc import Callable

from intervaldetect.batch.local_time import settle_local_time
from intervaldetect.store import Store
from intervaldetect.store.duplicates import settle_duplicates

SecondPass = Callable[[Store, str, str], object]
"""Called as ``(store, athlete, maker)``; rewrites labels by `Store.relabel`."""


def settle_history(store: Store, athlete: str, maker: str, judge: SecondPass) -> None:
    """Settle duplicates and local time of an athlete's recordings, then judge them.

    Parameters
    ----------
    store : Store
        Open for writing.
    athlete : str
    maker : str
        Version and settings, as in ``made_by``.
    judge : callable
        `judge_history`, or what stands in for it; given store, athlete and maker.
    """
    settle_duplicates(store, athlete)
    settle_local_time(store, athlete, maker)
    judge(store, athlete, maker)
