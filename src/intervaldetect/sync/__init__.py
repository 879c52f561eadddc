"""New activities as files in a folder: out of another folder, or from intervals.icu.

`folder.copy_new` copies by content, `icu.pull` downloads and `icu.write_back` sends corrected reps;
`client` is the only module of the package that opens a connection to another machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Synced:
    """What a run brought.

    Attributes
    ----------
    new : tuple of Path
        Files that were written.
    known : int
        Activities or files that were there before.
    remarks : tuple of str
        One sentence for each that could not be had, or not whole.
    """

    new: tuple[Path, ...] = ()
    known: int = 0
    remarks: tuple[str, ...] = ()
