"""Whether two trees print the same object for each file.

    python benchmarks/house/equal.py BEFORE/src AFTER/src FILE...
    python benchmarks/house/equal.py BEFORE/src --keep before.jsonl FILE...
    python benchmarks/house/equal.py before.jsonl AFTER/src FILE...

Sentences are left out: ``evidence`` and the messages of ``problems``. Exit status 1 where any
other value differs; each difference is a line. Kernels are compiled first, once a tree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CODE = """
from intervaldetect.kernels import _jit
_jit.compile_kernels()
from intervaldetect.cli import main
main()
"""


def printed(source: str, files: list[str]) -> list[dict[str, Any]]:
    """Return the printed objects of some files by the package in one source tree."""
    if source.endswith(".jsonl"):
        return [json.loads(line) for line in Path(source).read_text("utf-8").splitlines()]
    done = subprocess.run(
        [sys.executable, "-c", CODE, "summary", "--json", *files],
        env={**os.environ, "PYTHONPATH": source, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for item in found:
        item.pop("evidence")
        item["problems"] = [[each["code"], each["count"]] for each in item["problems"]]
    return found


def main() -> int:
    before, after, *files = sys.argv[1:]
    if after == "--keep":
        objects = printed(before, files[1:])
        Path(files[0]).write_text("".join(json.dumps(each) + "\n" for each in objects), "utf-8")
        print(f"{len(objects)} objects in {files[0]}")
        return 0
    first, second = printed(before, files), printed(after, files)
    differences = [
        f"{one['path']}: {key} {one.get(key)!r} -> {two.get(key)!r}"[:300]
        for one, two in zip(first, second, strict=False)
        for key in {**one, **two}
        if one.get(key) != two.get(key)
    ]
    print(*differences, sep="\n", end="\n" if differences else "")
    print(f"{len(first)} and {len(second)} objects, {len(differences)} values differ")
    return int(bool(differences) or len(first) != len(second))


if __name__ == "__main__":
    sys.exit(main())
