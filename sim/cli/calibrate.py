"""`truce calibrate`: make the ensemble of a day."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.ending import Interrupted
from sim.cli.options import checked_particles, chosen_conflict, parse_day, parse_folder
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import print_json, progress_bar
from sim.errors import CalibrationError, ScenarioError, check_whole
from sim.paths import check_writable

if TYPE_CHECKING:
    from sim.inputs.conflict import Conflict
    from sim.inputs.ensemble import Ensemble
    from sim.inputs.views import View


class Asked(NamedTuple):
    """The options of the command."""

    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The as-of day; if unset, the one through which the press was read.",
        ),
    ] = None
    particles: Annotated[
        int | None,
        typer.Option(
            help="Pasts to draw, or to move: as many as needed; for --check 32,768, "
            "--variants 131,072.",
            show_default=False,
        ),
    ] = None
    seed: Annotated[int | None, typer.Option(help="Of the draw; else as those that ship.")] = None
    prior: Annotated[
        bool, typer.Option("--prior", help="Do not condition on the record: priors alone.")
    ] = False
    temper: Annotated[
        bool, typer.Option("--temper", help="Move pasts through the record, step by step.")
    ] = False
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Make the ensemble of a variant of the model; repeatable, for several at once. "
            "`truce variants` lists them.",
        ),
    ] = None
    analyst: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Make the ensemble of an analyst's beliefs, from the sheet of truce analysts.",
        ),
    ] = None
    check: Annotated[
        bool, typer.Option("--check", help="Make nothing: print how good the calibration is.")
    ] = False
    variants: Annotated[
        bool, typer.Option("--variants", help="Make nothing: print the odds under other choices.")
    ] = False
    out: Annotated[
        Path | None,
        typer.Option(parser=parse_folder, metavar="DIR", help="Folder; where it ships if unset."),
    ] = None


@with_options("workers", *ANSWER, asked=Asked)
def calibrate(*, asked: Asked, shared: Shared) -> None:
    """Make the ensemble of a day: pasts that look like the record known on it.

    Example: truce calibrate --out calibration/ensembles

    Runs find it where it ships, and in ./calibration/ensembles, where --out may put it.
    Stop it at any moment: the same command goes on from there.

    With --variant or --analyst it is made as a variant of the model or an analyst has it, and lies
    in a folder of its own.

    Example: truce calibrate --variant sides-known

    With --check it tells, for a day: whether the filter is calibrated to itself, how well it
    foretold each event, what the record taught, and how far all that leans on what was assumed.

    Example: truce calibrate --check

    With --variants it tells what the odds would be had the model been built otherwise.

    Example: truce calibrate --variants
    """
    conflict = chosen_conflict()
    day = parse_day(asked.as_of, "--as-of") or conflict.through
    from sim.calibrate.prior import SEED
    from sim.engine.domain import MAX_SEED

    seed = check_whole("--seed", SEED if asked.seed is None else asked.seed, 0, MAX_SEED)
    if asked.check or asked.variants:
        _refuse_making(asked)
        _diagnose(day, asked.particles, seed, shared, check=asked.check)
        return
    _refuse_table(shared)
    if asked.out is not None:
        check_writable(asked.out)
    view = _view(asked, conflict)
    if not asked.prior:
        _tell(_posterior(day, seed, view, asked, shared.workers), view, shared.as_json)
        return
    if asked.temper or view:
        name = view.option if view else "--temper"
        raise ScenarioError(name, "needs a record.", "Leave out --prior.")
    from sim.calibrate.prior import make_prior

    _tell(make_prior(day, seed, asked.out, conflict), None, shared.as_json)


def _view(asked: Asked, conflict: Conflict) -> View | None:
    """What the command is told to take otherwise than the model has it, all of it at once."""
    from sim.analysts.analyst import view_of
    from sim.inputs.variants import variant_named

    if asked.analyst and asked.variant:
        what = "makes the ensemble of an analyst, --variant that of another model."
        raise ScenarioError("--analyst", what, "Give one of the two.")
    if asked.analyst:
        return view_of(asked.analyst, conflict)
    return variant_named(asked.variant, conflict) if asked.variant else None


def _refuse_making(asked: Asked) -> None:
    """Refuse what makes an ensemble beside what makes none."""
    name = "--check" if asked.check else "--variants"
    makes = asked.prior or asked.out or asked.temper or asked.variant or asked.analyst
    if makes or (asked.check and asked.variants):
        todo = "Leave out --prior, --temper, --variant, --analyst, --out; and give --check or "
        todo += "--variants, not both."
        raise ScenarioError(name, "makes no ensemble.", todo)


def _refuse_table(shared: Shared) -> None:
    if shared.tables:
        todo = "Add --check or --variants, or leave it out."
        raise ScenarioError("--csv, --xlsx", "an ensemble is no table.", todo)


def _diagnose(
    day: dt.date, particles: int | None, seed: int, shared: Shared, *, check: bool
) -> None:
    from sim.cli.check import print_check
    from sim.cli.variants import print_variants

    (print_check if check else print_variants)(day, particles, seed, shared)


def _tell(ensemble: Ensemble, view: View | None, as_json: bool) -> None:
    if as_json:
        print_json(ensemble.manifest)
    else:
        sys.stdout.write("\n".join(_report(ensemble, view)) + "\n")


def _posterior(
    day: dt.date, seed: int, view: View | None, asked: Asked, workers: int | None
) -> Ensemble:
    from sim.calibrate.entries import filter_block
    from sim.calibrate.fit import filter_of, make_posterior
    from sim.native import announce
    from sim.unfinished import going_on

    checked_particles(asked.particles, workers)
    if importlib.util.find_spec("arviz_stats") is None:
        what = "needs the package arviz-stats, which is not installed."
        todo = 'Install it: pip install "truce-sim[calibrate]", or make install.'
        raise CalibrationError("truce calibrate", what, todo)
    announce(filter_block)
    try:
        with progress_bar("pasts") as progress:
            chosen = filter_of(day, seed, chosen_conflict())
            chosen = chosen.seen_by(view) if view else chosen
            with going_on(chosen, asked.out, _note) as kept:
                how = asked.particles, workers, asked.out, progress
                return make_posterior(kept, *how, tempered=asked.temper, note=_note)
    except KeyboardInterrupt:
        raise Interrupted(
            "the ensemble that was there is untouched. What is finished is kept: the same command "
            "goes on from there"
        ) from None


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


def _report(ensemble: Ensemble, view: View | None) -> Iterator[str]:
    """What was made of what, and how far to trust it."""
    from sim.inputs.ensemble import ENOUGH, LONGEST_TAIL

    facts = ensemble.manifest
    yield f"{ensemble.id}: {len(ensemble):,} members, seed {facts['seed']}"
    if view:
        changes = "; ".join(f"{name} {view.told(name)}" for name in view.changes)
        yield f"By the {view.kind} {view.name}: {changes or 'nothing is otherwise'}"
    yield f"{facts['statements']} statements were public by {ensemble.as_of}"
    if ensemble.kind == "prior":
        return
    size, k = facts["effective_size"], facts["k"]
    yield f"{len(facts['events'])} actions of the record imposed on {facts['particles']:,} pasts"
    if tempering := facts["tempering"]:
        yield _way(tempering)
    yield f"Effective size, the independent pasts it is worth: {size:,.0f} ({ENOUGH:,} are wanted)"
    yield f"k, the tail index of their weights: {k:.2f} (below {LONGEST_TAIL:g} is wanted)"
    parents = facts["distinct_parents"]
    yield f"Log evidence {facts['log_evidence']:.2f}; {parents:,} distinct parents"
    if ensemble.doubt or parents < 2000:
        todo = "give more --particles" if tempering else "give more --particles, or --temper"
        yield f"Not to be trusted as it stands: {todo}."


def _way(tempering: dict[str, Any]) -> str:
    """Say how pasts were moved through the record."""
    shares = tempering["moves_taken"]
    told = f"Moved {tempering['moves']} times after each of {len(shares)} stretches of the record; "
    told += f"{min(shares):.0%} to {max(shares):.0%} of the moves were accepted; "
    told += f"known least: {tempering['least_known']}"
    return told
