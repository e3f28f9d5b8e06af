"""Which numbers of the model can be fixed without moving anything that a reader reads.

A number of a member, free under its prior, is held at the median of its prior in every member, and
named scenarios are run again in the same worlds. Those that hardly move anything alone are then
held together; the strongest of them are set free again until nothing surely moves by more than a
limit in any named scenario, nor at either end of any one lever. What the record teaches about, and
what actors hide, is never fixed.

    python benchmarks/fewer_numbers.py
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from sim.calibrate.check.prior_posterior import learned
from sim.calibrate.fit import filter_of, posterior_in_memory
from sim.calibrate.prior import draw_values
from sim.engine.domain import Outcome
from sim.engine.records import Member
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import Ensemble, slots
from sim.inputs.levers import LEVERS
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import Plan, collect, default_workers, stream

LIMIT = 0.3
"""Percentage points of odds and of the members' interval, and hundredths of stakes."""
HIDDEN = ("resolve.", "follow_type.", "bloc_type.")
FEW = ("baseline", "joint-ultimatum", "territory-for-guarantees")
WIDTHS = (1, 3)
"""Which of the `readings` are widths: they are the noisiest, and do not order the numbers."""


SEEDS = (1, 2, 3, 4)
"""Each scenario is run with these, to tell what moves from what is luck."""


def readings(scenario: Scenario, ensemble: Ensemble, worlds: int, executor: Executor) -> np.ndarray:
    """Odds of held and agreed, the width of each among members, each side's worth; in points.

    A row a seed.
    """
    table = []
    for seed in SEEDS:
        plan = Plan(scenario, ensemble, worlds // len(SEEDS), seed)
        results = collect(plan, stream(plan, executor=executor), keep=True)
        tally, rows, found = results.tally, results.rows, []
        for odds in (tally.odds(Outcome.HELD), tally.odds(Outcome.HELD, Outcome.COLLAPSED)):
            low, high = odds.ensemble or (0.0, 0.0)
            found += [odds.mean, high - low]
        table.append([*found, *rows["worth"].astype(float).mean(axis=0)])
    return 100.0 * np.array(table)


def moves(change: np.ndarray) -> np.ndarray:
    """By how much a reading surely moves, by scenario and reading.

    Its mean over seeds, less three times the error of that, since hundreds of readings are looked
    at; the error of a reading is that of all scenarios together.
    """
    error = np.sqrt(change.var(axis=1, ddof=1).mean(axis=0) / change.shape[1])
    return np.abs(change.mean(axis=1)) - 3.0 * error


def named() -> list[Scenario]:
    """The named scenarios of the newest day."""
    names = sorted(path.stem for path in shipped().scenarios.glob("*.toml"))
    found = [load_scenario(name) for name in names if name not in ("history", "march-offer")]
    return [one for one in found if one.as_of == load_scenario("baseline").as_of]


def corners() -> list[Scenario]:
    """The baseline with one lever at either end."""
    base = load_scenario("baseline")
    ends = (
        (name, (lever.kind.trial()[0], lever.kind.trial()[-1])) for name, lever in LEVERS.items()
    )
    return [base.with_levers({name: value}) for name, both in ends for value in both]


def held_at(ensemble: Ensemble, names: Iterable[str], middle: dict[str, float]) -> Ensemble:
    """The ensemble with some numbers at one value in every member."""
    members = ensemble.members.copy()
    places = {name: (field, at) for name, field, at in slots(Member, shipped().bloc_ids)}
    for name in names:
        field, at = places[name]
        members[field][at] = middle[name]
    return replace(ensemble, members=members)


def main() -> None:
    """Screen the numbers one by one, then fix as many as can be together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=shipped().newest_article)
    parser.add_argument("--particles", type=int, default=131_072)
    parser.add_argument("--worlds", type=int, default=65_536)
    asked = parser.parse_args()
    with ThreadPoolExecutor(default_workers()) as executor:
        chosen = filter_of(asked.as_of)
        ensemble, weights = posterior_in_memory(chosen, asked.particles, executor)
        moved = {one.name: one.verdict for one in learned(chosen, weights)[0]}
        mine = {name for name, _, _ in slots(Member, shipped().bloc_ids)}
        table = [
            row
            for row in shipped().parameters
            if row.prior.fixed is None and row.name in mine and not row.name.startswith(HIDDEN)
        ]
        drawn = draw_values(table, 20_001, np.random.default_rng(1))
        middle = {name: float(np.median(values)) for name, values in drawn.items()}
        free = [row.name for row in table if moved[row.name] != "informed"]
        few = [load_scenario(name) for name in FEW]

        def measured(scenarios: list[Scenario], fixed: Iterable[str]) -> np.ndarray:
            other = held_at(ensemble, fixed, middle)
            return np.array([readings(one, other, asked.worlds, executor) for one in scenarios])

        base = measured(few, ())
        alone = {}
        for name in free:
            change = np.abs((measured(few, [name]) - base).mean(axis=1))
            alone[name] = float(np.delete(change, WIDTHS, axis=1).max())
            sys.stderr.write(f"{name} {alone[name]:.2f}, with widths {change.max():.2f}\n")
        order = sorted(free, key=alone.__getitem__)
        low, high = 0, len(order)
        base = measured(named(), ())
        while low < high:
            count = (low + high + 1) // 2
            change = moves(measured(named(), order[:count]) - base)
            sys.stderr.write(f"{count} fixed: at most {change.max():.2f} in named scenarios\n")
            low, high = (count, high) if change.max() <= LIMIT else (low, count - 1)
        fixed, everywhere = order[:low], [*named(), *corners()]
        base = measured(everywhere, ())
        while True:
            change = moves(measured(everywhere, fixed) - base)
            place, reading = np.unravel_index(change.argmax(), change.shape)
            where = everywhere[place]
            sys.stderr.write(
                f"{len(fixed)} fixed: at most {change.max():.2f} ({where.overrides})\n"
            )
            if change.max() <= LIMIT:
                break
            without = {
                name: np.abs(
                    (measured([where], [n for n in fixed if n != name]) - base[place]).mean(axis=1)
                )
                for name in fixed
            }
            culprit = min(without, key=lambda name: without[name][0, reading])
            sys.stderr.write(f"{culprit} is set free\n")
            fixed = [name for name in fixed if name != culprit]
    for name in order:
        mark = "fixed" if name in fixed else "free"
        print(f"{name:28s} {alone[name]:6.2f}  {mark:6s} at {middle[name]:.4g}")
    print(f"{len(fixed)} of {len(free)} candidates can be fixed; {len(table)} numbers were free")


if __name__ == "__main__":
    main()
