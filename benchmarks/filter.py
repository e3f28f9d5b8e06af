"""How long a past takes against a forecast, and what is made of many filters on two processors.

Run it as ``python benchmarks/filter.py``, on a machine that does nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

import sim
from sim.calibrate.fit import filter_of
from sim.calibrate.particles import BLOCK_PARTICLES
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.montecarlo import Plan

TURNS = 5
WORKERS = 2


def ratio() -> float:
    """Return the time of a past over that of a forecast of as many days, on one processor.

    A past is drawn, lives through the record to the newest day of which an ensemble ships, and is
    weighed; the forecast is the baseline's. Of each a block is timed, in turns, and the fastest
    counts.
    """
    day = shipped().ensemble_days()[-1]
    particle_filter = filter_of(day)
    scenario = load_scenario("baseline", day, particle_filter.record.days)
    plan = Plan(scenario, load_ensemble(day), BLOCK_PARTICLES, 1)
    both = (
        lambda: particle_filter.block(0, BLOCK_PARTICLES),
        lambda: plan.block(0, BLOCK_PARTICLES),
    )
    for one in both:
        one()  # compiles
    turns = [[_seconds(one, time.thread_time) for one in both] for _ in range(TURNS)]
    past, ahead = (min(times) for times in zip(*turns, strict=True))
    return float(past / ahead)


def answers() -> dict[str, float]:
    """Return the seconds that a timeline, the influences and an update take, each made once."""
    day = shipped().ensemble_days()[-1]
    filter_of(day).block(0, 1)  # compiles
    with tempfile.TemporaryDirectory() as out:
        asked: dict[str, Callable[[], object]] = {
            "timeline": lambda: sim.timeline(day, workers=WORKERS),
            "evidence influence": lambda: sim.influence(day, workers=WORKERS),
            "update": lambda: sim.update(day, out=out, workers=WORKERS),
        }
        return {name: _seconds(make, time.perf_counter) for name, make in asked.items()}


def _seconds(make: Callable[[], object], clock: Callable[[], float]) -> float:
    begun = clock()
    make()
    return clock() - begun


def main() -> None:
    """Print all of it."""
    print(f"time of a past over that of a forecast of as many days: {ratio():.2f}")
    for name, seconds in answers().items():
        print(f"truce {name}, {WORKERS} workers: {seconds:.1f} s")


if __name__ == "__main__":
    main()
