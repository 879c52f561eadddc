"""Some inputs of the fuzz; benchmarks/robustness/fuzz.py reads as many as one likes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.robustness import damage, fuzz
from benchmarks.robustness.seeds import seeds
from intervaldetect.kernels._jit import JIT_ENABLED
from tests.effort import examples
from tests.read import build

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not JIT_ENABLED, reason="benchmarks run it without compiled kernels")
def test_damaged_files_end_as_documented():
    inputs = str(examples(1000, 3))
    command = [sys.executable, "-m", "benchmarks.robustness.fuzz", "--inputs", inputs, "--quiet"]
    # In a process of its own, because it forks; with the kernels that this one has compiled.
    ran = subprocess.run(
        [*command, "--kernels", "fast"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{inputs} inputs of seed 1" in ran.stdout
    assert "\n0 findings" in ran.stdout


def test_equal_numbers_make_equal_inputs_of_every_kind():
    known = seeds()
    made = [damage.damaged(3, index, known) for index in range(400)]
    again = seeds()
    assert made == [damage.damaged(3, index, again) for index in range(400)]
    assert len({data for data, _ in made}) > 390
    done = {name for _, text in made for name in text.split(": ")[1].split(", ")}
    kinds = {kind.__name__ for kind in (*damage.ANY, *damage.FIT, *damage.XML)}
    assert done == kinds | {"join", "seal", "packed"}


def test_a_seal_is_the_checksum_that_readers_want():
    data = bytearray(build.plain_fit(build.truth()).bytes())
    sound = bytes(data)
    data[-2:] = b"\0\0"
    damage.seal(data)
    assert bytes(data) == sound


@pytest.mark.parametrize(
    ("reader", "found"),
    [
        (lambda data, **_: data["no"], "undocumented TypeError"),
        (lambda data, **_: [0] * (1 << 40), "memory bound"),
    ],
)
def test_what_is_looked_for_would_be_found(monkeypatch, reader, found):
    monkeypatch.setattr("intervaldetect.read.read_activities", reader)
    assert found in fuzz.outcome(b"")[0]
