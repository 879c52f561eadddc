"""Write the reference of the public names from their docstrings, offline, as pages of HTML.

    make api            (python docs/api.py build/api)

pdoc reads types and numpydoc sections; a warning of it ends the run.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pdoc

ROOMS = (
    "notation",
    "plan.check",
    "plan.planned",
    "plan.sources",
    "score",
    "simulate",
    "training",
    "write",
)
MODULES = (
    "intervaldetect",
    "!intervaldetect.",
    *(f"intervaldetect.{room}" for room in ROOMS),
    *(rf"!intervaldetect\.{room}\." for room in ROOMS),
)
"""The package's own names, and rooms that the documents teach; not their modules."""


def write_reference(folder: Path) -> None:
    """Write ``index.html`` and a page a module."""
    pdoc.render.configure(docformat="numpy", show_source=False, include_undocumented=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pdoc.pdoc(*MODULES, output_directory=folder)


if __name__ == "__main__":
    write_reference(Path(sys.argv[1] if len(sys.argv) > 1 else "build/api"))
