"""`truce calibrate`: make the ensemble of a day."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import parse_day
from sim.errors import CalibrationError


def calibrate(
    prior: Annotated[bool, typer.Option("--prior", help="Draw from positions and priors.")] = False,
    as_of: Annotated[str, typer.Option(metavar="DATE", help="The as-of day.")] = "2025-05-20",
    seed: Annotated[int, typer.Option(help="The seed of the draw.")] = 20250310,
    out: Annotated[Path | None, typer.Option(help="Folder; where it ships if unset.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest alone.")] = False,
) -> None:
    """Make the ensemble of a day from the evidence known on it.

    Example: truce calibrate --prior --as-of 2025-05-20
    """
    from sim.calibrate.prior import make_prior

    if not prior:
        what = "conditioning on the record of a spring is not there yet."
        raise CalibrationError("truce calibrate", what, "Use --prior.")
    day = parse_day(as_of, "--as-of")
    assert day is not None
    if seed < 0:
        raise CalibrationError("--seed", f"{seed} is negative.", "Give 0 or more.")
    ensemble = make_prior(day, seed, out)
    if as_json:
        sys.stdout.write(json.dumps(ensemble.manifest, indent=1, ensure_ascii=False) + "\n")
        return
    statements = ensemble.manifest["statements"]
    sys.stdout.write(
        f"{ensemble.id}: {len(ensemble):,} members from {statements} statements known by {day}\n"
    )
