"""Long records from a known world: whether calibration finds the truth, how well, how fast.

Makes histories of so many days with a row of news a week, each by a past of the prior; calibrates
each by weighing the prior and by moving particles through it; prints effective sizes, k, the log
evidence, the time after each stretch, and whether the truth lies in the intervals. With --repeats
it calibrates the first of them with other seeds too, and compares how far the means differ with
what the effective sizes promise.

    python benchmarks/long_record.py --days 550 --particles 65536 --records 1
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim.calibrate.check.long_record import HELD, long_record
from sim.calibrate.check.sbc import PARAMETERS, enough, quantities, quantity_names
from sim.calibrate.fit import filter_of
from sim.calibrate.lineages import effective_of
from sim.calibrate.prior import SEED
from sim.calibrate.tempering import temper
from sim.calibrate.weights import weights_of
from sim.inputs.conflict import shipped
from sim.montecarlo import default_workers


def weighed(chosen, particles, executor):
    began = time.perf_counter()
    found = weights_of(chosen.weigh(particles, executor).log_weights)
    took = time.perf_counter() - began
    print(f"  weighed {particles:,}: effective size {found.effective:,.0f}, k {found.k:.2f}, "
          f"log evidence {found.log_evidence:.2f}, {took:.0f} s", flush=True)  # fmt: skip


def moved(chosen, particles, executor):
    began, clock = time.perf_counter(), []
    found = temper(
        chosen,
        particles,
        executor,
        lambda day, days: clock.append(f"day {day} {time.perf_counter() - began:.0f} s"),
    )
    notes, weights = found.notes, found.weights
    print(f"  moved {particles:,}: effective size {weights.effective:,.0f} "
          f"({notes['least_known']}), k {weights.k:.2f}, log evidence {weights.log_evidence:.2f} "
          f"± {notes['log_evidence_error']:.2f}, accepted {min(notes['moves_taken'])} to "
          f"{max(notes['moves_taken'])}")  # fmt: skip
    print(f"  {', '.join(clock)}; all {time.perf_counter() - began:.0f} s, "
          f"of two processors {time.process_time():.0f} s so far", flush=True)  # fmt: skip
    return found


def inside(record, history, number, found):
    """By quantity and interval (50, 90 %), whether the truth lies in it; see `told_of`."""
    one = slice(number, number + 1)
    truth = quantities(record, history.members[one], history.starts[one], np.zeros(1))[0]
    drawn = quantities(record, found.members, found.ends, np.zeros(len(found.members)))
    below = (drawn < truth).mean(axis=0)[told_of(quantity_names(record.conflict))]
    return np.column_stack([np.abs(below - 0.5) < 0.25, np.abs(below - 0.5) < 0.45])


def told_of(names):
    """The numbers of the quantities of which the record tells: not what is held, nor its chance."""
    return [n for n, name in enumerate(names) if n != len(PARAMETERS) and name not in HELD]


def repeated(chosen, particles, repeats, executor):
    """Compare how far means differ between seeds with what the effective sizes promise."""
    means, promised = [], []
    for seed in range(repeats):
        found = temper(dataclasses.replace(chosen, seed=9000 + seed), particles, executor)
        _, lines = np.unique(found.particles.ancestors, return_inverse=True)
        columns = [found.particles.numbers[name] for name in chosen.free]
        means.append([column.mean() for column in columns] + [found.weights.log_evidence])
        error = found.notes["log_evidence_error"]
        promised.append([x.var() / effective_of(x, lines) for x in columns] + [error**2])
    ratio = np.var(means, axis=0, ddof=1) / np.mean(promised, axis=0)
    print(f"  {repeats} seeds, variance of means over that promised: mean {ratio[:-1].mean():.2f}, "
          f"5 to 95 % {np.quantile(ratio[:-1], 0.05):.2f} to {np.quantile(ratio[:-1], 0.95):.2f}; "
          f"of the log evidence {ratio[-1]:.2f}", flush=True)  # fmt: skip


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("days", 550), ("particles", 65536), ("records", 3), ("repeats", 0)):
        reader.add_argument(f"--{name}", type=int, default=value)
    reader.add_argument("--seed", type=int, default=SEED)
    asked = reader.parse_args()
    real = filter_of(shipped().through, asked.seed)
    like = long_record(real.record, asked.days)
    maker = dataclasses.replace(real, record=like, values=HELD)
    began = time.perf_counter()
    history = enough(maker, asked.records)
    print(f"{asked.days} days, {len(like.actions)} rows; {len(history)} of {history.tried:,} "
          f"histories can be coded, {time.perf_counter() - began:.0f} s", flush=True)  # fmt: skip
    told = []
    with ThreadPoolExecutor(default_workers()) as executor:
        for number in range(asked.records):
            record = history.records[number]
            chosen = dataclasses.replace(maker, record=record, seed=asked.seed + 1 + number)
            print(f"record {number + 1}, {len(record.actions)} rows:", flush=True)
            weighed(chosen, asked.particles, executor)
            found = moved(chosen, asked.particles, executor)
            told.append(inside(record, history, number, found))
            print(f"  truth in the 50 % interval {told[-1][:, 0].sum()}, in the 90 % "
                  f"{told[-1][:, 1].sum()} of {len(told[-1])}", flush=True)  # fmt: skip
        if asked.repeats:
            first = dataclasses.replace(maker, record=history.records[0])
            repeated(first, asked.particles, asked.repeats, executor)
    shares = np.mean(told, axis=(0, 1))
    names = quantity_names(like.conflict)
    names = [names[n] for n in told_of(names)]
    print(f"of all, in the 50 % interval {shares[0]:.0%}, in the 90 % interval {shares[1]:.0%}")
    for name, by_level in zip(names, np.mean(told, axis=0), strict=True):
        print(f"  {name}: {by_level[0]:.0%}, {by_level[1]:.0%}")


if __name__ == "__main__":
    main()
