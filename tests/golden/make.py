"""Write down what is detected in a dozen files of ``fixtures/season``.

    python tests/golden/make.py

Writes ``tests/golden/season.json`` with the package that is installed. Run it after detection was
changed on purpose, and read the difference before it is committed: it prints every line that moved,
and how many texts name the count and size that were planned.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from intervaldetect.notation import parse_workout
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity

HERE = Path(__file__).resolve().parent
SEASON = HERE.parents[1] / "fixtures" / "season"
GOLDEN = HERE / "season.json"
MADE_BY = "python tests/golden/make.py"

FILES = (
    "2025-09-02-0705-morning-run.fit.gz",
    "2025-09-02-1740-evening-run.fit.gz",
    "2025-09-03-0655-morning-run.gpx.gz",
    "2025-09-04-1730-evening-run.tcx.gz",
    "2025-09-06-1000-morning-run.fit.gz",
    "2025-09-07-0930-morning-run.gpx.gz",
    "2025-09-08-0715-morning-run.fit",
    "2025-09-11-1720-evening-run.fit.gz",
    "2025-09-20-1000-morning-run.gpx.gz",
    "2025-10-04-1000-morning-run.tcx.gz",
    "2025-10-16-1725-evening-run.gpx.gz",
    "2025-10-21-1720-evening-run.fit.gz",
    "2025-10-28-1730-evening-run.gpx.gz",
    "2025-11-05-1830-evening-run.fit.gz",
    "2025-11-08-1005-morning-run.fit.gz",
)


def detect(file: str) -> dict[str, Any]:
    """Text, reps and strides of one file, deaf to its laps and weighing them."""
    activity = read_activity(SEASON / file)
    found: dict[str, Any] = {}
    for laps in ("ignore", "auto"):
        workout = analyse(activity, laps=laps).workout
        found[laps] = {
            "text": workout.text,
            "reps": _spans(workout.segments, "rep"),
            "strides": _spans(workout.segments, "stride"),
        }
    return found


def _spans(segments: Any, role: str) -> list[list[float]]:
    return [[round(s.start_s, 1), round(s.end_s, 1)] for s in segments if s.role == role]


def planned() -> dict[str, str | None]:
    """Return the text each file of the season was planned with."""
    lines = (SEASON / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["file"]: row["workout"] for row in map(json.loads, lines)}


def _shape(text: str | None) -> list[tuple[object, ...]]:
    return [
        (s.count, s.rep_basis, s.rep_distance_m if s.rep_basis == "distance" else s.rep_duration_s)
        for s in parse_workout(text)
    ] if text else []  # fmt: skip


def _difference(then: dict[str, Any] | None, now: dict[str, Any]) -> str:
    if then is None or then["text"] != now["text"]:
        return f"{then and then['text']} -> {now['text']}"
    moved = [
        abs(a - b)
        for role in ("reps", "strides")
        for old, new in zip(then[role], now[role], strict=False)
        for a, b in zip(old, new, strict=True)
    ]
    counts = f"{len(then['strides'])} -> {len(now['strides'])} strides"
    return f"edges move by up to {max(moved, default=0.0):.1f} s, {counts}"


def main() -> None:
    """Write the file anew and say what has changed."""
    before = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {"files": {}}
    files = {file: detect(file) for file in FILES}
    for file, found in files.items():
        for laps, now in found.items():
            then = before["files"].get(file, {}).get(laps)
            if then != now:
                sys.stdout.write(f"{file} ({laps}): {_difference(then, now)}\n")
    texts = planned()
    right = sum(_shape(files[file]["ignore"]["text"]) == _shape(texts[file]) for file in FILES)
    sys.stdout.write(f"{right} of {len(FILES)} texts name what was planned\n")
    lines = [f"  {json.dumps(file)}: {json.dumps(found)}" for file, found in files.items()]
    GOLDEN.write_text(
        f'{{"made_by": {json.dumps(MADE_BY)}, "files": {{\n' + ",\n".join(lines) + "\n}}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
