"""The long runs of which the suite has a sample: every real file, every example, every hole.

    INTERVALDETECT_CORPUS=... python -m benchmarks.robustness.whole
    python -m benchmarks.robustness.whole tests/read -k libxml2

Runs the suite, or what pytest is asked for, with ``INTERVALDETECT_WHOLE`` set (`tests.effort`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    environment = {**os.environ, "INTERVALDETECT_WHOLE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", *(sys.argv[1:] or ["-n", "2"])]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
