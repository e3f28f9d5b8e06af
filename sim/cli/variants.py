"""`truce calibrate --variants`: the odds that other choices in the model would have given."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sim.cli.options import checked_particles, chosen_conflict, percent
from sim.cli.shared import Shared
from sim.cli.tables import answer, print_table, progress_bar

if TYPE_CHECKING:
    import pandas as pd

    from sim.calibrate.check.variants import VariantOdds

    Groups = Mapping[str, Sequence[VariantOdds]]


def print_variants(day: dt.date, particles: int | None, seed: int, shared: Shared) -> None:
    """Run the baseline of a day under each variant of the model, and print the odds."""
    from sim.calibrate.check.variants import PARTICLES, STEPS, VARIANTS, variant_odds
    from sim.calibrate.fit import filter_of
    from sim.engine.jit import announce
    from sim.montecarlo import default_workers

    count = checked_particles(PARTICLES if particles is None else particles, shared.workers)
    announce("filter.filter_block")
    chosen = filter_of(day, seed, chosen_conflict())
    everything, found = (*STEPS, *VARIANTS), []
    try:
        with (
            progress_bar("variants") as progress,
            ThreadPoolExecutor(shared.workers or default_workers()) as executor,
        ):
            for one in variant_odds(chosen, everything, count, executor):
                found.append(one)
                progress(len(found), len(everything))
    except KeyboardInterrupt:
        sys.stderr.write("\ntruce: interrupted.\n")
        raise SystemExit(130) from None
    groups = {"steps": found[: len(STEPS)], "variants": found[len(STEPS) :]}
    asked = {"as_of": day.isoformat(), "particles": count, "seed": seed}
    answer(
        shared,
        lambda: _table(groups),
        lambda: {"schema": "truce/variants/1", **asked, **_documents(groups)},
        lambda: _print(day, count, *groups.values()),
    )


def _documents(groups: Groups) -> dict[str, list[dict[str, Any]]]:
    return {name: [dataclasses.asdict(one) for one in found] for name, found in groups.items()}


def _table(groups: Groups) -> pd.DataFrame:
    """A row a variant; `group` says whether it is a step or has one thing changed."""
    from sim.sheets import frame_of

    documents = _documents(groups)
    return frame_of([{"group": name} | one for name in documents for one in documents[name]])


def _print(
    day: dt.date, count: int, steps: Sequence[VariantOdds], others: Sequence[VariantOdds]
) -> None:
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
