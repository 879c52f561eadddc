"""A batch's progress: a bar on a terminal, plain lines elsewhere, a count at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from intervaldetect.report.format import clock

if TYPE_CHECKING:
    from intervaldetect.batch.progress import Progress

Show = Callable[["Progress"], None]
Refuse = Callable[[str], None]
# A plain log gets a line about this often, and a terminal a new bar.
LINE_EVERY_S = 5.0
BAR_EVERY_S = 0.1


@contextmanager
def progress_on(stream: TextIO, *, quiet: bool) -> Iterator[tuple[Show, Refuse]]:
    """Show a batch's progress: a bar on a terminal, plain lines elsewhere, nothing when quiet.

    Yields a function to tell the progress and one to tell a refused file; refused files are
    always shown.
    """
    if stream.isatty() and not quiet:
        with _bar(stream) as shown:
            yield shown
        return
    last, phase = 0.0, "looking"

    def show(progress: Progress) -> None:
        nonlocal last, phase
        now = progress.seconds()
        if quiet or (now - last < LINE_EVERY_S and progress.phase in {phase, "reading"}):
            return
        last, phase = now, progress.phase
        print(progress_line(progress), file=stream, flush=True)

    def refuse(line: str) -> None:
        print(line, file=stream, flush=True)

    yield show, refuse


@contextmanager
def _bar(stream: TextIO) -> Iterator[tuple[Show, Refuse]]:
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    from intervaldetect.report.console import SafeConsole, plain

    console = SafeConsole(file=plain(stream), highlight=False)
    with Bar(BarColumn(bar_width=20), TextColumn("{task.description}"), console=console) as bar:
        task = bar.add_task("looking for files", total=None)
        last, phase = -BAR_EVERY_S, ""

        def show(progress: Progress) -> None:
            nonlocal last, phase
            now = progress.seconds()
            if now - last < BAR_EVERY_S and progress.phase == phase:
                return
            last, phase = now, progress.phase
            done, total = progress.done, progress.total
            if phase == "labelling":
                done, total = progress.labelled, progress.to_label
            bar.update(
                task,
                total=None if phase == "looking" else total or None,
                completed=done,
                description=progress_line(progress),
            )

        yield show, lambda line: bar.console.print(Text(line))


def progress_line(progress: Progress) -> str:
    """Return the phase that a batch is in, and how far it is, in one line."""
    done, total = f"{progress.done:,}", f"{progress.total:,}"
    refused = f", {progress.refused:,} refused" if progress.refused else ""
    if progress.phase == "looking":
        return f"looking for files: {progress.done + progress.found:,} found"
    if progress.phase == "labelling":
        return f"labelling {progress.labelled:,} of {progress.to_label:,} sessions{refused}"
    if progress.phase == "preparing":
        return f"{done}/{total} files, preparing, once, about a minute{refused}"
    if progress.analysed == 0:
        return f"{done}/{total} files, starting{refused}"
    rate, left = progress.rate(), progress.seconds_left()
    speed = f"{rate:.0f} files/s" if rate >= 1.0 else "<1 file/s"
    speed = "1 file/s" if speed == "1 files/s" else speed
    time_left = f", {clock(left)} left" if left is not None else ""
    return f"{done}/{total} files, {speed}{time_left}{refused}"


def closing_line(progress: Progress) -> str:
    """Return the count that ends a batch."""
    parts = [
        f"{progress.read:,} read",
        f"{progress.repaired:,} repaired",
        f"{progress.refused:,} refused",
    ]
    known = f" ({progress.unchanged:,} known from before)" if progress.unchanged else ""
    files = "1 file" if progress.done == 1 else f"{progress.done:,} files"
    skipped = "1 other file" if progress.other == 1 else f"{progress.other:,} other files"
    other = f"; {skipped} skipped" if progress.other else ""
    return (
        f"{files}: {', '.join(parts)}{known}{other}{_gone(progress)}; {clock(progress.seconds())}"
    )


def _gone(progress: Progress) -> str:
    """Say how many files were in the store and no longer in the folder."""
    if not progress.gone:
        return ""
    if progress.gone == 1:
        return "; 1 earlier file is no longer there, its sessions are kept"
    return f"; {progress.gone:,} earlier files are no longer there, their sessions are kept"
