from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import chain
from tests.reference.chain import chain_weight
from tests.reference.chain import usual_sizes as slow_usual
from tests.reference.chain import weighted_quantile as slow_quantile

SIZES, ROOM = np.array([45.0, 60.0, 90.0]), np.array([15.0, 22.5, 30.0])
SLACK = 0.05


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8), st.floats(0.01, 0.99))
def test_quantiles_equal_the_slow_twin(weight: list[float], q: float) -> None:
    row = np.array(weight) + 1e-3
    row /= row.sum()
    fast = chain.weighted_quantile(row[None, :], q)
    assert fast[0] == pytest.approx(slow_quantile(row.tolist(), q), abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(1.0, 1e4), st.floats(1.0, 1e3)), min_size=1, max_size=12))
def test_usual_sizes_equal_the_slow_twin(pairs: list[tuple[float, float]]) -> None:
    sizes, seconds = np.array(pairs).T.copy()
    fast = chain.usual_sizes(sizes, seconds, 0.22)
    assert fast.tolist() == pytest.approx(slow_usual(sizes.tolist(), seconds.tolist(), 0.22))


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 2), st.integers(2, 4), st.integers(0, 10_000))
def test_sums_over_every_chain(reps: int, k: int, seed: int) -> None:
    """Evidence of each pair of bases and the weight of each moment, against a list of all."""
    random = np.random.default_rng(seed)
    m = 2 * reps
    moment = np.cumsum(random.uniform(20.0, 70.0, m))[:, None] + np.arange(k) * 2.0
    place = moment * 1.2 + np.arange(k) * random.uniform(0.0, 3.0)
    likely = random.uniform(0.1, 1.0, (m, k))
    usual = np.diff(moment[:, 0])
    times, distances = (usual, SIZES, ROOM, 1.5), (np.diff(place[:, 0]), SIZES, ROOM, 3.0)
    weight, evidence, rep, rest = chain.chain_edges(moment, place, likely, times, distances, SLACK)
    chains = list(itertools.product(range(k), repeat=m))
    known = moment.tolist(), place.tolist(), likely.tolist()
    sized = _plain(times), _plain(distances)
    for bases in itertools.product(range(3), range(3 if reps > 1 else 1)):
        each = [
            chain_weight(one, known[0], known[1], known[2], bases, sized[0], sized[1], SLACK)
            for one in chains
        ]
        with np.errstate(divide="ignore"):
            assert evidence[bases] == pytest.approx(np.log(sum(each)), rel=1e-6, abs=1e-6)
        if bases == (rep, rest):
            for e in range(m):
                for a in range(k):
                    share = sum(w for w, one in zip(each, chains, strict=True) if one[e] == a)
                    assert weight[e, a] == pytest.approx(share / sum(each), abs=1e-6)
    assert evidence[rep, rest] == evidence.max()


def _plain(grid: tuple[np.ndarray, np.ndarray, np.ndarray, float]) -> tuple:
    return (*(array.tolist() for array in grid[:3]), grid[3])


def test_round_times_part_what_the_edges_leave_open() -> None:
    """Two reps of a minute with a minute between, each edge seen 2 s early or late."""
    offset = np.arange(-5.0, 6.0)
    true = np.array([100.0, 160.0, 220.0, 280.0])
    seen = true + np.array([-2.0, 1.0, 0.0, 2.0])
    moment = seen[:, None] + offset
    likely = np.tile(1.0 / (1.0 + offset**2), (4, 1))
    usual = np.full(3, 60.0)
    weight, _, rep, rest = chain.chain_edges(
        moment,
        4.0 * moment,
        likely,
        (usual, SIZES, ROOM, 1.0),
        (4.0 * usual, np.array([200.0]), np.array([100.0]), 3.0),
        SLACK,
    )
    assert (rep, rest) == (chain.BY_TIME, chain.BY_TIME)
    placed = (weight * moment).sum(axis=1)
    assert np.abs(placed - true).mean() < np.abs(seen - true).mean()
    assert np.diff(placed) == pytest.approx(60.0, abs=1.0)
