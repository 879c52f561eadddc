"""What commands do beyond their options: files to analyse, errors as one line, exit statuses.

Nothing here loads Typer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intervaldetect.job import Settings, Task
    from intervaldetect.plan.sources import Plan
    from intervaldetect.records import Analysis

REFUSED, USAGE, STORE, INTERRUPTED = 1, 2, 3, 130
PATIENCE_S = 3.0


def complain(text: str) -> None:
    """Print a line to standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command's own output


def analysed(
    files: Sequence[str],
    athlete: str,
    settings: Settings | None = None,
    hints: tuple[Plan, ...] = (),
) -> Iterator[Analysis | str]:
    """Yield each activity of each file analysed, or the line that says what is wrong."""
    from intervaldetect.job import NoActivity, Settings
    from intervaldetect.kernels import compilation

    analyse = _analyser(settings or Settings(), hints)
    skipped = 0
    tasks = list(tasks_of(files, athlete))
    compilation.expect(sum(task.source.size or 0 for task in tasks if not isinstance(task, str)))
    for task in tasks:
        if isinstance(task, str):
            yield task
            continue
        with _patience():
            found = list(analyse(task))
        if "!/" in task.source.path and any(isinstance(each, NoActivity) for each in found):
            skipped += 1
        else:
            yield from (_with_path(each, task.source.path) for each in found)
    if skipped:
        files_skipped = "1 other file" if skipped == 1 else f"{skipped} other files"
        complain(f"{files_skipped} skipped: no activity")


def _analyser(
    settings: Settings, hints: tuple[Plan, ...]
) -> Callable[[Task], Iterable[Analysis | str]]:
    """Return what analyses a task, with the plans that may help."""
    from intervaldetect.batch.one_file import analyses

    if not hints:
        return partial(analyses, settings=settings)
    from intervaldetect.plan.sources import hint_from

    return partial(analyses, settings=settings, plan=hint_from(hints))


def _with_path(found: Analysis | str, path: str) -> Analysis | str:
    return f"{path}: {found}" if isinstance(found, str) else found


def tasks_of(files: Sequence[str], athlete: str) -> Iterator[Task | str]:
    """Yield a task for each file, also those in archives, or a line saying what is wrong."""
    from intervaldetect.job import Task
    from intervaldetect.output.line import printable
    from intervaldetect.read.archive import iter_sources

    for file in files:
        if Path(file).is_dir():
            yield (
                f"{printable(file)}: a folder; intervaldetect batch {printable(file)} -o STORE"
                " takes it whole (open)"
            )
            continue
        found = 0
        for source in iter_sources(file):
            if "!/" in source.path and not source.likely:
                continue
            found += 1
            yield Task(source, athlete)
        if not found:
            yield f"{printable(file)}: no activity in this archive (unpack)"


@contextmanager
def _patience() -> Iterator[None]:
    """Say on a terminal why a file takes so long, should it."""
    from threading import Timer

    if not sys.stderr.isatty():
        yield
        return
    notice = Timer(PATIENCE_S, complain, ("still at work ...",))
    notice.daemon = True
    notice.start()
    try:
        yield
    finally:
        notice.cancel()


@contextmanager
def errors() -> Iterator[None]:
    """Turn the package's errors into one line on stderr and an exit status."""
    from intervaldetect.errors import IntervalDetectError, ParameterError, StoreError

    try:
        yield
        sys.stdout.flush()
    except StoreError as error:
        complain(f"intervaldetect: {error}")
        if "malformed" in str(error):
            from intervaldetect.store.damage import ADVICE

            complain(f"`intervaldetect store check` lists what is damaged; {ADVICE}")
        raise SystemExit(STORE) from error
    except IntervalDetectError as error:
        complain(f"intervaldetect: {error}")
        raise SystemExit(USAGE if isinstance(error, ParameterError) else REFUSED) from error
    except BrokenPipeError as error:  # the reader, say `head`, has enough
        _silence_output()
        raise SystemExit(0) from error
    except _of_damage() as error:
        if not _damaged_store(error):
            raise
        raise SystemExit(STORE) from error
    except OSError as error:  # of standard output: files and stores have errors of their own
        complain(f"intervaldetect: cannot write: {error.strerror or error}")
        _silence_output()
        raise SystemExit(REFUSED) from error


def _silence_output() -> None:
    """Let what is still to be flushed at the end go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn Ctrl-C, and SIGTERM, into an exit status."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise SystemExit(INTERRUPTED) from error


def _of_damage() -> tuple[type[Exception], ...]:
    """Return what damaged rows raise: errors of values, of SQLite and polars where in use."""
    errors: tuple[type[Exception], ...] = (ValueError, LookupError, TypeError, AttributeError)
    sqlite, frames = (sys.modules.get(name) for name in ("sqlite3", "polars"))
    if sqlite is not None:
        errors = (*errors, sqlite.Error)
    if frames is not None:
        errors = (*errors, frames.exceptions.PolarsError)
    return errors


def _damaged_store(error: Exception) -> bool:
    """Say of a store that this process has read what is damaged in it, if anything is."""
    opened = sys.modules.get("intervaldetect.store.database")
    if opened is None or opened.latest is None:
        return False
    from intervaldetect.store.damage import ADVICE, damage

    lines = damage(opened.latest)
    if lines:
        complain(f"intervaldetect: {opened.latest}: damaged ({type(error).__name__}): {lines[0]}")
        complain(f"`intervaldetect store check` lists all; {ADVICE}")
    return bool(lines)
