"""`truce variants`: decisions that may be doubted; `truce calibrate --variants`: their odds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ending import Interrupted
from sim.cli.options import checked_particles, chosen_conflict, parse_day, percent
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table, progress_bar
from sim.errors import CalibrationError
from sim.text import printable
from sim.threads import threads

if TYPE_CHECKING:
    import pandas as pd

    from sim.calibrate.check.variants import VariantOdds
    from sim.inputs.conflict import Conflict
    from sim.inputs.variants import Variant
    from sim.inputs.views import View

    Groups = Mapping[str, Sequence[VariantOdds]]

_COLUMNS = (
    *("name", "title", "why", "ships", "changes", "ensemble", "problem", "log_evidence"),
    *("nats_to_the_model", "effective_size"),
)
_STATES = {"there": "there", "none": "none", "unusable": "cannot be used"}


@with_options(*ANSWER)
def variants(
    name: Annotated[str | None, typer.Argument(help="Only this one, in full.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Ensembles of this day (default: the newest)."),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """List the variants of the model: in each, one decision that a reader may doubt is otherwise.

    Example: truce variants sides-known

    Each may have an ensemble of its own, which `truce calibrate --variant NAME` makes.
    """
    from sim.inputs.variants import variant_named, variants_of

    conflict = chosen_conflict()
    known = variants_of(conflict)
    if name is not None:
        variant_named([name], conflict)
    day = parse_day(as_of, "--as-of") or conflict.newest_day()
    rows = _rows([one for one in known.values() if name in (None, one.name)], day, conflict)

    def table() -> pd.DataFrame:
        from sim.sheets import frame_of

        return frame_of(rows, _COLUMNS)

    answer(
        shared,
        table,
        lambda: {"schema": "truce/variant-list/1", "as_of": day.isoformat(), "variants": rows},
        lambda: _print_list(rows, day, conflict) if name is None else _print_one(rows[0], day),
    )


def _rows(chosen: Sequence[Variant], day: dt.date, conflict: Conflict) -> list[dict[str, Any]]:
    """Every variant as plain data, with what its ensemble of a day says."""
    model = _ensemble(None, day, conflict)["log_evidence"] if chosen else None
    rows = []
    for one in chosen:
        found = _ensemble(one.view, day, conflict)
        both = model is not None and found["log_evidence"] is not None
        changes = "; ".join(f"{number} {one.view.told(number)}" for number in one.view.changes)
        row = {"name": one.name, "title": one.title, "why": one.why, "ships": one.ships}
        row |= {"changes": changes, **found}
        row["nats_to_the_model"] = round(found["log_evidence"] - model, 3) if both else None
        rows.append({column: row[column] for column in _COLUMNS})
    return rows


def _ensemble(view: View | None, day: dt.date, conflict: Conflict) -> dict[str, Any]:
    """Whether an ensemble is there and can be used, and how well it fits the record."""
    from sim.inputs.ensemble import load_ensemble

    within = view.folder if view else "."
    there = any(
        (folder / within / f"{day}.parquet").is_file() for folder in conflict.ensemble_folders
    )
    facts: Mapping[str, Any] = {}
    state, problem = ("there" if there else "none"), None
    if there:
        try:
            facts = load_ensemble(day, conflict=conflict, view=view).manifest
        except CalibrationError as error:
            state, problem = "unusable", printable(error)
    numbers = {key: facts.get(key) for key in ("log_evidence", "effective_size")}
    return {"ensemble": state, "problem": problem, **numbers}


def _print_list(rows: Sequence[dict[str, Any]], day: dt.date, conflict: Conflict) -> None:
    if not rows:
        folder = printable(conflict.calibration / "variants")
        sys.stdout.write(f"There are no variants of the model: {folder} holds no file.\n")
        return
    sys.stdout.write(
        "Variants of the model: one decision that a reader may doubt is otherwise in each. Their\n"
        f"ensembles are of {day}. Log evidence is the log of the chance that a variant gives to\n"
        "the record, in nats: less than 3 apart from the model's is noise. Effective size is the\n"
        "number of independent pasts that the ensemble is worth.\n\n"
    )
    header = (
        *("variant", "what is otherwise", "ensemble", "log evidence", "less the model's"),
        "effective size",
    )
    print_table(header, [(row["name"], printable(row["title"]), *_fit(row)) for row in rows])
    truce = conflict.truce
    sys.stdout.write(
        f"\nWhy one may be doubted: {truce} variants NAME.\n"
        f"To make its ensemble: {truce} calibrate --as-of {day} --variant NAME.\n"
    )


def _fit(row: dict[str, Any]) -> tuple[str, ...]:
    """The state of an ensemble, its log evidence, that less the model's, its effective size."""
    forms = {"log_evidence": ".2f", "nats_to_the_model": "+.2f", "effective_size": ",.0f"}
    numbers = ("" if row[key] is None else format(row[key], form) for key, form in forms.items())
    return (_STATES[row["ensemble"]], *numbers)


def _print_one(row: dict[str, Any], day: dt.date) -> None:
    sys.stdout.write("\n".join(_in_full(row, day)) + "\n")


def _in_full(row: dict[str, Any], day: dt.date) -> Iterator[str]:
    state, evidence, nats, size = _fit(row)
    yield f"{row['name']}: {printable(row['title'])}"
    yield f"  why       {printable(row['why'])}"
    yield f"  numbers   {row['changes'] or 'as the model has them'}"
    told = f"  ensemble  of {day}: {state}"
    if row["log_evidence"] is not None:
        told += f"; log evidence {evidence}"
        told += f" ({nats} to the model's; less than 3 is noise)" if nats else ""
        told += f"; effective size {size}"
    yield told
    if row["problem"]:
        yield f"  {row['problem']}"


# ------------------------------------------------------------------ calibrate --variants


def print_variants(day: dt.date, particles: int | None, seed: int, shared: Shared) -> None:
    """Run the baseline of a day under each variant of the model, and print the odds."""
    from sim.calibrate.check.variants import PARTICLES, STEPS, forks, variant_odds
    from sim.calibrate.entries import filter_block
    from sim.calibrate.fit import filter_of
    from sim.montecarlo import default_workers
    from sim.native import announce

    count = checked_particles(PARTICLES if particles is None else particles, shared.workers)
    announce(filter_block)
    conflict = chosen_conflict()
    chosen = filter_of(day, seed, conflict)
    everything, found = (*STEPS, *forks(conflict)), []
    try:
        with (
            progress_bar("variants") as progress,
            threads(shared.workers or default_workers()) as executor,
        ):
            for one in variant_odds(chosen, everything, count, executor):
                found.append(one)
                progress(len(found), len(everything))
    except KeyboardInterrupt:
        raise Interrupted("nothing was written") from None
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
