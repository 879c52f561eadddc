"""The net in numpy against what PyTorch made of the same inputs when it was trained."""

import importlib.resources
import json
from pathlib import Path

import numpy as np
import pytest

from intervaldetect.structure import net as net_module
from intervaldetect.structure.frames import INPUTS, Frames
from intervaldetect.structure.net import SURELY_PLAIN, forward, infer, shipped_nets

OUTPUTS = Path(__file__).with_name("net_outputs.npz")
RUNS = range(10)
MOST_BYTES = 1_000_000
LARGEST_DIFFERENCE = 1e-4


def logistic(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))


@pytest.mark.parametrize("run", RUNS)
def test_numpy_gives_what_pytorch_gave(run: int) -> None:
    with np.load(OUTPUTS) as stored:
        inputs = stored[f"inputs/{run}"].astype(np.float32)
        expected, planned = stored[f"logits/{run}"], stored[f"planned/{run}"]
    nets = shipped_nets()
    assert len(nets) == len(expected)
    for net, logits, session in zip(nets, expected, planned, strict=True):
        found, found_session = forward(net, inputs)
        np.testing.assert_allclose(found.T, logits, atol=LARGEST_DIFFERENCE)
        assert float(found_session) == pytest.approx(float(session), abs=LARGEST_DIFFERENCE)


def test_the_runs_stored_have_reps_and_have_none() -> None:
    with np.load(OUTPUTS) as stored:
        most = [float(logistic(stored[f"logits/{run}"][:, 0]).max()) for run in RUNS]
    assert max(most) > 0.9
    assert min(most) < 0.5


def test_provenance_describes_what_ships() -> None:
    folder = importlib.resources.files("intervaldetect.structure")
    about = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    nets = shipped_nets()
    assert about["nets"] == len(nets) == len(about["seeds"])
    assert about["parameters"] == sum(values.size for values in nets[0].values())
    assert about["runs"] == sum(part["runs"] for part in about["corpus"].values())
    assert len((folder / "net.npz").read_bytes()) < MOST_BYTES


@pytest.mark.parametrize(
    ("first", "asked"),
    [(SURELY_PLAIN * 0.9, 1), (SURELY_PLAIN * 1.1, 2), (0.99, 2)],
)
def test_a_second_net_is_asked_where_the_first_sees_a_chance_of_planned_work(
    monkeypatch: pytest.MonkeyPatch, first: float, asked: int
) -> None:
    frames = Frames(np.full((7, 40), 2.0), np.arange(0.0, 82.0, 2.0))
    told = iter([first, 0.5])

    def says(net: object, inputs: np.ndarray) -> tuple[np.ndarray, np.float32]:
        assert inputs.shape == (len(INPUTS), len(frames))
        chance = next(told)
        return np.full((len(frames), 3), chance, np.float32), np.float32(
            np.log(chance / (1.0 - chance))
        )

    monkeypatch.setattr(net_module, "forward", says)
    found = infer(frames)
    left = list(told)
    assert len(left) == 2 - asked
    assert found.planned == pytest.approx(np.mean([first, 0.5][:asked]), abs=1e-6)
    assert found.rep == pytest.approx(
        np.mean(logistic(np.array([first, 0.5][:asked], np.float32))), abs=1e-6
    )
