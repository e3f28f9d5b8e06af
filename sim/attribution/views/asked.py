"""The numbers that are worth asking an analyst about: those on which the odds lean most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sim.analysts.draft import Asked, Blank, check_name
from sim.analysts.numbers import believable, refusal, tenths, weighable
from sim.attribution.drivers import drivers
from sim.engine.domain import Outcome
from sim.engine.records import Member
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import load_ensemble, slots
from sim.inputs.scenario import load_scenario
from sim.montecarlo import DEFAULT_SEED, Plan, collect, stream
from sim.text import shown

MOST = 10
"""Numbers that are asked for."""
WORLDS = 20_000


def blank_for(
    name: str,
    as_of: dt.date | None = None,
    numbers: Sequence[str] = (),
    conflict: Conflict | None = None,
    folder: Path | None = None,
) -> Blank:
    """Return a sheet to fill in, with what the model and its members have.

    Parameters
    ----------
    as_of
        The day whose members are asked; that of the newest ensemble if None.
    numbers
        The numbers to ask for; if there are none, the ten on which the odds of the baseline lean
        most and by which members can be weighed.
    folder
        Of ensembles; looked up if None.

    Raises
    ------
    CalibrationError
        If one of the numbers is none that an analyst could state, or there is no ensemble.
    """
    check_name(name)
    conflict = conflict or shipped()
    day = as_of or conflict.newest_day()
    for number in numbers:
        if why_not := refusal(number, conflict):
            raise CalibrationError(f"--numbers {shown(number)}", *why_not)
    ensemble = load_ensemble(day, folder, conflict)
    shares: dict[str, float | None] = dict.fromkeys(numbers)
    if not numbers:
        plan = Plan(
            load_scenario("baseline", day, conflict=conflict), ensemble, WORLDS, DEFAULT_SEED
        )
        results = collect(plan, stream(plan), keep=False)
        found = drivers(results, ensemble, (Outcome.HELD,))
        kept = [one for one in found.drivers if one.name in weighable(conflict)]
        shares = {one.name: one.share for one in kept[:MOST]}
    rows = believable(conflict)
    alike = np.full(len(ensemble), 1.0 / len(ensemble))
    columns = {
        name: ensemble.members[field][place].astype(float)
        for name, field, place in slots(Member, conflict.bloc_ids)
        if name in shares
    }
    asked = tuple(
        Asked(rows[name], share, tenths(columns[name], alike) if name in columns else None)
        for name, share in shares.items()
    )
    return Blank(name, asked, conflict, day)
