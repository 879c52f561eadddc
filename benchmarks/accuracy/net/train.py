"""Train the net: one for each fold of athletes left out, and those that ship, on all.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.net.train FOLDER
        [--fold K|all] [--seed S]

writes ``FOLDER/net-K-S.npz`` (K is the fold left out, ``all`` for none), in the form in which
`structure.net` loads it; one that is there is not trained again.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.accuracy.models import ALL, FOLDS, net_file
from benchmarks.accuracy.net.export import to_arrays
from benchmarks.accuracy.net.model import MULTIPLE, Net, loss_of
from benchmarks.accuracy.net.plans import lay_plan, spoil
from benchmarks.accuracy.net.sessions import (
    SIMULATED,
    Session,
    read_sessions,
    session_of,
    simulated,
    vary,
)
from intervaldetect.structure.frames import INPUTS, net_inputs

STEPS = 2600
REAL, LAID, SPOILT, SIMULATED_RUNS = 4, 2, 1, 1
SIMULATED_COUNT, SIMULATED_SEED = 500, 1
LONGEST = 2000
RATE = 2e-3
KEPT = 0.998
"""How slowly the averaged weights follow."""


def train(sessions: list[Session], seed: int, steps: int) -> Net:
    """Train on these sessions; returns the net with averaged weights."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net(len(INPUTS))
    averaged = copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, RATE, total_steps=steps, pct_start=0.1
    )
    made = [s for s in sessions if s.athlete == SIMULATED]
    sessions = [s for s in sessions if s.athlete != SIMULATED]
    real = [s for s in sessions if s.counts.any() or s.planned is not None]
    plain = [s for s in sessions if s.planned is False]
    real_odds, plain_odds = _odds(real), _odds(plain)
    begun, summed = time.time(), 0.0
    for step in range(1, steps + 1):
        chosen = [real[k] for k in rng.choice(len(real), REAL, p=real_odds)]
        for k, p in enumerate(rng.choice(len(plain), LAID + SPOILT, p=plain_odds)):
            chosen.append((lay_plan(plain[p], rng) if k < LAID else None) or spoil(plain[p], rng))
        chosen += [made[k] for k in rng.choice(len(made), SIMULATED_RUNS)]
        x, there, rep, counts, truth = batch([vary(s, rng, LONGEST) for s in chosen])
        net.train()
        loss = loss_of(*net(x, there), rep, counts, truth)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        _follow(averaged, net, min(KEPT, 1 - 10 / (10 + step)))
        summed += float(loss.detach())
        if step % 200 == 0:
            print(f"{step}/{steps} loss {summed / 200:.4f} {time.time() - begun:.0f} s", flush=True)
            summed = 0.0
    return averaged


def _odds(sessions: list[Session]) -> np.ndarray:
    """Athletes with many sessions weigh by the root of their number, weak truth half."""
    names, counts = np.unique([s.athlete for s in sessions], return_counts=True)
    many = dict(zip(names, counts, strict=True))
    odds = np.array([(0.5 if s.weak else 1.0) / many[s.athlete] ** 0.5 for s in sessions])
    return odds / odds.sum()


@torch.no_grad()
def _follow(averaged: Net, net: Net, kept: float) -> None:
    pairs = zip(averaged.state_dict().values(), net.state_dict().values(), strict=True)
    mine, theirs = zip(*((a, b) for a, b in pairs if a.is_floating_point()), strict=True)
    torch._foreach_lerp_(list(mine), list(theirs), 1.0 - kept)


def batch(sessions: list[Session]) -> tuple[Tensor, ...]:
    """Stack sessions, filled up to one length."""
    longest = max(s.rep.size for s in sessions)
    n = -(-longest // MULTIPLE) * MULTIPLE
    x = np.zeros((len(sessions), len(INPUTS), n), np.float32)
    there, rep, counts = (np.zeros((len(sessions), n), np.float32) for _ in range(3))
    truth = np.full(len(sessions), np.nan, np.float32)
    for k, session in enumerate(sessions):
        size = session.rep.size
        x[k, :, :size] = net_inputs(session.channels)
        there[k, :size], rep[k, :size], counts[k, :size] = 1.0, session.rep, session.counts
        if session.planned is not None:
            truth[k] = float(session.planned)
    return tuple(map(torch.from_numpy, (x, there, rep, counts, truth)))


def gather(folder: Path, every: int = 1) -> list[Session]:
    """Return what is learned from: each ``every``-th run of the corpus, and the simulated ones."""
    folder.mkdir(parents=True, exist_ok=True)
    real = read_sessions(folder / "sessions.pkl")[::every]
    made = simulated(SIMULATED_COUNT, SIMULATED_SEED)
    return real + [s for row, signal in made if (s := session_of(row, signal)) is not None]


def train_one(
    sessions: list[Session], folder: Path, fold: int | str, seed: int, steps: int
) -> None:
    """Train the net of one fold and seed, and keep it."""
    print(f"fold {fold} left out, seed {seed}", flush=True)
    torch.set_flush_denormal(True)
    net = train([s for s in sessions if str(s.fold) != str(fold)], seed, steps)
    part = net_file(folder, fold, seed).with_suffix(".part.npz")
    np.savez(part, **to_arrays(net))
    part.replace(net_file(folder, fold, seed))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fold", nargs="+", default=[*map(str, FOLDS), ALL])
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sessions = gather(options.folder)
    for seed in options.seed:
        for fold in options.fold:
            if not net_file(options.folder, fold, seed).exists():
                train_one(sessions, options.folder, fold, seed, options.steps)


if __name__ == "__main__":
    main()
