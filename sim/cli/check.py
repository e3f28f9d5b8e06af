"""`truce calibrate --check`: tables of how good the calibration of a day is."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sim.cli.ending import Interrupted
from sim.cli.options import checked_particles, chosen_conflict, percent
from sim.cli.shared import Shared
from sim.cli.tables import answer, print_table, progress_bar

if TYPE_CHECKING:
    import pandas as pd

    from sim.calibrate.check.ranks import SelfCheck
    from sim.calibrate.check.report import Check

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]


def print_check(day: dt.date, particles: int | None, seed: int, shared: Shared) -> None:
    """Check the calibration of a day and print what was found."""
    from sim.calibrate.check.report import PARTICLES, check
    from sim.engine.jit import announce

    workers = shared.workers
    count = checked_particles(PARTICLES if particles is None else particles, workers)
    announce("invent.invent_block")
    try:
        with progress_bar("checks") as progress:
            found = check(day, count, seed, workers, progress, conflict=chosen_conflict())
    except KeyboardInterrupt:
        raise Interrupted("nothing was written") from None
    answer(shared, lambda: table_of(found), found.as_dict, lambda: _print(found))


def table_of(found: Check) -> pd.DataFrame:
    """Return all that was found, a row a number or word: table, row, quantity and value."""
    from sim.sheets import frame_of

    return frame_of(
        [
            {"table": table, "row": name, "quantity": quantity, "value": value}
            for table, row in _records(found.as_dict())
            for name, facts in (_named(row),)
            for quantity, value in facts.items()
        ]
    )


def _records(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tell every row of every table of a check as plain data."""
    sizes = ("effective_size", "k", "log_evidence")
    yield "record", {"name": document["as_of"], **{name: document[name] for name in sizes}}
    for part in ("filter", "positions"):
        for row in document[part]["quantities"]:
            yield part, row
    parts = ("scores", "totals", "learned", "ridges", "repeats", "holding", "rates", "structures")
    for part in parts:
        for row in document[part]:
            yield part, row


def _named(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what a row is about, and its numbers; of a sum its half-width apart."""
    row = dict(row)
    for name, value in [*row.items()]:
        if isinstance(value, tuple):
            row |= dict(zip((name, f"{name}_half_width"), value, strict=True))
    if "one" in row:
        return f"{row.pop('one')}, {row.pop('other')}", row
    key = next(name for name in ("name", "event", "about") if name in row)
    return row.pop(key), row


def _print(found: Check) -> None:
    for title, header, rows in tables(found):
        sys.stdout.write(f"{title}\n")
        print_table(header, rows)
        sys.stdout.write("\n")


def tables(found: Check) -> Iterator[Table]:
    """Tell what was found, table by table."""
    weights = found.weights
    title = f"The record to {found.as_of}, {found.particles:,} pasts, seed {found.seed}"
    size = f"{weights.effective:,.0f}", f"{weights.k:.2f}", f"{weights.log_evidence:.2f}"
    yield title, ("effective size", "k", "log evidence"), [size]
    yield _self_check("filter", found.filter)
    yield _self_check("positions", found.positions)
    yield _scores(found)
    yield from _learned(found)
    yield _repeats(found)
    yield _holding(found)
    yield _rates(found)
    yield _structures(found)


def _self_check(what: str, found: SelfCheck) -> Table:
    word = "passed" if found.passed else "FAILED"
    title = f"Self-check of the {what}: {word}; ranks of truths in {len(found.ranks)} made-up cases"
    return title, ("quantity", "mean rank", "spread", "p"), found.rows()


def _scores(found: Check) -> Table:
    from sim.calibrate.check.prequential import rows

    title = "Each event foretold from those before it, log chance (weak checks left out)"
    header = ("event", "about", "filter", "prior", "frequency")
    return title, header, list(rows(found.scores))


def _learned(found: Check) -> Iterator[Table]:
    learned = [one for one in found.learned if one.verdict != "nothing"]
    silent = len(found.learned) - len(learned)
    title = f"What the record taught, shifts in sds of the prior (nothing about {silent} others)"
    cells = [
        (
            *(one.name, f"{one.prior:.3g}", f"{one.posterior:.3g}"),
            *(f"{one.shift:+.2f}", f"{one.ratio:.2f}", one.verdict),
        )
        for one in learned
    ]
    yield title, ("parameter", "prior", "posterior", "shift", "sd ratio", "verdict"), cells
    if found.ridges:
        ridges = [(one.one, one.other, f"{one.correlation:+.2f}") for one in found.ridges]
        yield (
            "Ridges: pairs that the record tells of only together",
            ("one", "other", "correlation"),
            ridges,
        )


def _repeats(found: Check) -> Table:
    side = found.repeats[0].side
    title = (
        f"Answers of {side} to an unconditional truce that the other side accepts: the chance of a "
        "yes, and of\nthe same answer again if nothing else has changed; the higher that is, the "
        "less is chance"
    )
    cells = [
        (what, *(percent(getattr(one, name)) for one in found.repeats))
        for what, name in (
            ("yes", "yes"),
            ("yes, having said yes", "yes_again"),
            ("no, having said no", "no_again"),
        )
    ]
    names = (f"{one.name}, {one.as_of}" for one in found.repeats)
    return title, ("chance", *names), cells


def _holding(found: Check) -> Table:
    title = "Truces in force under the prior of the first day"
    cells = [
        (one.name, f"{one.middle:.2g}", f"{one.low:.2g} to {one.high:.2g}", one.reference)
        for one in found.holding
    ]
    return title, ("quantity", "model", "interval", "reference class"), cells


def _rates(found: Check) -> Table:
    title = "Odds of the baseline by the rate of rounds that nobody reported"
    cells = [
        (
            one.name,
            percent(one.held),
            percent(one.agreed),
            f"{one.log_evidence:.2f}",
            f"{one.effective:,.0f}",
        )
        for one in found.rates
    ]
    return title, ("rate", "held", "agreed", "log evidence", "effective size"), cells


def _structures(found: Check) -> Table:
    from sim.calibrate.check.prior_posterior import NATS

    title = (
        f"Log evidence of other structures and priors; a difference under {NATS:g} nats is noise"
    )
    cells = [
        (
            one.name,
            f"{one.log_evidence:.2f} +- {one.error:.2f}",
            f"{one.ahead:+.2f}",
            "not told apart" if abs(one.ahead) < NATS else "told apart",
        )
        for one in found.structures
    ]
    return title, ("structure", "log evidence", "ahead", "verdict"), cells
