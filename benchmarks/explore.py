"""What `truce explore` promises, measured: `python benchmarks/explore.py [accuracy] [redraws]`.

`accuracy` takes minutes: the formulas of six levers at full size, with one of them an offer that
may be deferred, so that there are two fits, against worlds of their own at 64 fresh points.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

LEVERS = {
    "sanctions.us_threat": (0.0, 1.0),
    "sanctions.europe_threat": (0.0, 1.0),
    "aid.level": (0.0, 2.0),
    "guarantee.us_backstop": (0.0, 1.0),
    "monitoring.strength": (0.0, 1.0),
    "offer.territory": (0.0, 1.0),
}


class Row(NamedTuple):
    """A line of the table: what was measured, and its limit."""

    what: str
    found: str
    must: str


def accuracy() -> Iterator[Row]:
    """How far formulas are off at fresh points, and how often their intervals hold."""
    import sim

    begun = time.perf_counter()
    found = sim.explore("baseline", LEVERS, progress=True)
    took = time.perf_counter() - begun
    check = found.answer.check
    points = f"{check['points']} fresh points of {check['worlds']:,} worlds"
    yield Row(f"off in the mean square, {points}", f"{check['rmse']:.4f}", "0.0020")
    yield Row("largest, with the dice of the check", f"{check['largest']:.4f}", "")
    yield Row("95 % intervals that hold", f"{check['coverage']:.3f}", "0.90")
    apart = check["members"]
    told = f"{apart['mean']:.3f}, at most {apart['largest']:.3f}"
    yield Row("ends of the members' interval apart", told, "")
    fits = len(found.answer.fits)
    yield Row(f"{found.answer.runs:,} runs, {fits} fits", f"{took:.0f} s", "")


def redraws() -> Iterator[Row]:
    """How soon the live page answers, for one client and for five that drag sliders at once."""
    import explore_load

    found = explore_load.redraws()
    for clients, who in ((1, "one client"), (5, "five clients")):
        rate = f"{found[f'{clients}: redraws a second']:.1f}"
        yield Row(f"redraws a second, {who}", rate, "")
        for name, must in (("median ms", "200" if clients == 1 else ""), ("95 % ms", "")):
            yield Row(f"{name} to an answer, {who}", f"{found[f'{clients}: {name}']:.0f}", must)
    memory = f"{found['MB before']:.0f} to {found['MB after']:.0f}"
    yield Row("memory before and after, MB", memory, "flat")


PARTS: dict[str, Callable[[], Iterator[Row]]] = {"accuracy": accuracy, "redraws": redraws}


def main() -> None:
    """Measure what is asked for, or all, and print a line for each."""
    asked = sys.argv[1:]
    print(f"{'':<64}{'measured':<24}must", flush=True)
    for name, measure in PARTS.items():
        if asked and name not in asked:
            continue
        for row in measure():
            print(f"{row.what:<64}{row.found:<24}{row.must}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
