"""`truce calibrate --variants`: the odds that other choices in the model would have given."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sim.cli.options import checked_particles, chosen_conflict, percent
from sim.cli.tables import print_json, print_table, progress_bar

if TYPE_CHECKING:
    from sim.calibrate.check.variants import VariantOdds


def print_variants(
    day: dt.date, particles: int | None, seed: int, workers: int | None, as_json: bool
) -> None:
    """Run the baseline of a day under each variant of the model, and print the odds."""
    from sim.calibrate.check.variants import PARTICLES, STEPS, VARIANTS, variant_odds
    from sim.calibrate.fit import filter_of
    from sim.engine.jit import announce
    from sim.montecarlo import default_workers

    count = checked_particles(PARTICLES if particles is None else particles, workers)
    announce("filter.filter_block")
    chosen = filter_of(day, seed, chosen_conflict())
    everything, found = (*STEPS, *VARIANTS), []
    try:
        with (
            progress_bar("variants") as progress,
            ThreadPoolExecutor(workers or default_workers()) as executor,
        ):
            for one in variant_odds(chosen, everything, count, executor):
                found.append(one)
                if progress:
                    progress(len(found), len(everything))
    except KeyboardInterrupt:
        sys.stderr.write("\ntruce: interrupted.\n")
        raise SystemExit(130) from None
    steps, others = found[: len(STEPS)], found[len(STEPS) :]
    if as_json:
        print_json(
            {
                "schema": "truce/variants/1",
                "as_of": day.isoformat(),
                "particles": count,
                "seed": seed,
                "steps": [dataclasses.asdict(one) for one in steps],
                "variants": [dataclasses.asdict(one) for one in others],
            }
        )
        return
    sys.stdout.write(
        f"Odds of the baseline as of {day} under other choices, {count:,} pasts each.\n"
        "Log evidence is the log of the chance that the model gave to the record: less than 3\n"
        "apart is no difference. Effective size is the number of equal weights that the pasts\n"
        "were worth.\n\n"
    )
    print_table(("the model, one group of changes after the other", *HEADER), _cells(steps))
    sys.stdout.write("\n")
    print_table(("the model, one thing changed", *HEADER), _cells(others))


HEADER = ("held", "agreed", "nothing offered: held", "log evidence", "effective size")


def _cells(found: Sequence[VariantOdds]) -> list[tuple[str, ...]]:
    return [
        (
            one.name,
            percent(one.held),
            percent(one.agreed),
            percent(one.held_with_nothing),
            f"{one.log_evidence:.2f}",
            f"{one.effective:,.0f}",
        )
        for one in found
    ]
