"""What the command ``summary`` does, without its options' library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from intervaldetect.cli.running import REFUSED, analysed, complain, errors

if TYPE_CHECKING:
    from intervaldetect.job import Settings
    from intervaldetect.plan.sources import Plan
    from intervaldetect.records import Analysis
    from intervaldetect.report.format import Units


def summarise(
    files: Sequence[str],
    *,
    json: bool = False,
    settings: Settings | None = None,
    athlete: str = "me",
    plans: tuple[Plan, ...] = (),
    units: Units = "km",
) -> int:
    """Print what each file holds, or its JSON; returns the exit status."""
    refused = shown = 0
    with errors():
        for found in analysed(files, athlete, settings, plans):
            if isinstance(found, str):
                refused += 1
                complain(found)
            elif json:
                from intervaldetect.output.summary import to_json

                sys.stdout.write(to_json(found) + "\n")
            else:
                if shown:
                    sys.stdout.write("\n")
                shown += 1
                _show(found, units, plans)
    return REFUSED if refused else 0


def _show(found: Analysis, units: Units, plans: tuple[Plan, ...]) -> None:
    from intervaldetect.output.summary import to_dict
    from intervaldetect.report.terminal import print_summary
    from intervaldetect.report.traces import trace_of_signal

    print_summary(to_dict(found), units=units, trace=trace_of_signal(found.signal))
    if plans:
        from intervaldetect.plan.sources import verdict_on

        sys.stdout.write(f"  Against the plan: {verdict_on(plans, found)}\n")
