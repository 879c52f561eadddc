"""All kernels compiled at once: in one process, while the others go on as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from intervaldetect.kernels import compilation
from intervaldetect.kernels._jit import compile_kernels, compiled


def make_ready(about_to_compile: Callable[[], None]) -> None:
    """Let this process run compiled kernels, unless another one is just compiling them.

    ``about_to_compile`` is called where that takes long.
    """
    if compiled():
        return
    if compilation.at_hand():
        compile_kernels()
        return
    with compilation.only_one() as mine:
        if mine and not compilation.at_hand():
            about_to_compile()
            compile_all()
        elif mine:
            compile_kernels()


def compile_all() -> None:
    """Compile every kernel, or load it, by analysing a short run in each format."""
    from intervaldetect.batch.one_file import analyse_to_rows  # noqa: PLC0415 - a circle else
    from intervaldetect.job import Settings, Task  # noqa: PLC0415 - for the compiling process only
    from intervaldetect.read.archive import iter_sources  # noqa: PLC0415 - as above
    from intervaldetect.simulate import Plan, simulate  # noqa: PLC0415 - as above
    from intervaldetect.simulate.files import to_bytes  # noqa: PLC0415 - as above

    compile_kernels()
    plan = Plan("6 x 400 m @ 1:28 (1:00 jog)", warmup_s=300.0, cooldown_s=200.0, terrain="hilly")
    run = simulate(plan, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("fit", "gpx", "tcx"):
            path = Path(folder) / f"run.{suffix}"
            path.write_bytes(to_bytes(run, suffix))
            for source in iter_sources(path):
                analyse_to_rows(Task(source), Settings(positions=True), made_by="")
    compilation.done()
