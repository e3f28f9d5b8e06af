"""Worlds a second, on one core and two, and the dice alone: `make bench`.

All figures come from one run, in turn, so that their ratios hold on a noisy machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import sim
from sim.jit import compiled
from sim.montecarlo import default_workers
from sim.streams import uniforms

WORLDS = 100_000
ROUNDS = 5


@compiled
def many_dice(count: int) -> float:
    """Look up four uniforms ``count`` times."""
    total = 0.0
    for world in range(count):
        a, b, c, d = uniforms(1, world, 1, 1, 0)
        total += a + b + c + d
    return total


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure in turn and print medians with their spread."""
    scenario = sim.load_scenario("baseline")
    sim.run(scenario, worlds=2048, workers=1)
    many_dice(1)
    jobs: dict[str, Callable[[], object]] = {
        "one worker": lambda: sim.run(scenario, worlds=WORLDS, workers=1, keep=False),
        "two workers": lambda: sim.run(scenario, worlds=WORLDS, workers=2, keep=False),
        "dice": lambda: many_dice(10_000_000),
    }
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            times[name].append(seconds(job))
    one, two, dice = (statistics.median(times[name]) for name in jobs)
    spread = max(times["one worker"]) / min(times["one worker"])
    print(f"processors                 {default_workers()}")
    print(f"one worker      {WORLDS / one:10,.0f} worlds/s (slowest/fastest {spread:.2f})")
    print(f"two workers     {WORLDS / two:10,.0f} worlds/s ({one / two:.2f} times one)")
    print(f"a block of dice {dice / 1e7 * 1e9:10.1f} ns (four uniforms)")
    print(f"a world         {one / WORLDS * 1e6:10.1f} us, {one / dice * 1e7 / WORLDS:,.0f} blocks")


if __name__ == "__main__":
    main()
