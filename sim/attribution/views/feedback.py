"""What an analyst's numbers imply, told before they are used.

Somebody who states a number seldom sees what it does to the rest. Here it is weighed at once: what
the record makes of it, the odds of the baseline and with nothing offered, whether each side would
take its own terms, and how long truces last. What is implausible is said, not repaired.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from sim.analysts.analyst import Analyst, Statement
from sim.analysts.numbers import Tenths, as_shown, prior_tenths, question, tenths
from sim.attribution.views.implied import (
    OWN_TERMS,
    WITH_NOTHING,
    Implied,
    Measured,
    Weighed,
    implied_by,
    measure,
)
from sim.attribution.views.weigh import Believing, members_for
from sim.engine.dtypes import Floats
from sim.engine.records import Member
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import Ensemble, load_ensemble, slots
from sim.inputs.parameters import Parameter, find
from sim.inputs.scenario import load_scenario
from sim.montecarlo import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/analyst-check/1"
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles of a fitted distribution that are told."""
ROUNDS = 1
"""Times four worlds of each member are run, which is how worlds are dealt out."""
NARROW = 1.0 / 3.0
"""An interval so much narrower than the model's is asked about."""
LEAST_YES = 0.5
"""A side that takes its own terms less often is odd."""
MOST_EVENTS = 1.9207294103470622
"""Under Jeffreys' prior for a rate of which no event was seen, the 95th percentile of how many
events were to be expected: half that of chi-square with one degree of freedom."""


@dataclass(frozen=True)
class Fitted:
    """A number that was stated, and what was made of it.

    Attributes
    ----------
    stated
        Name, numbers and reason.
    meaning
        What the number is.
    model
        Where the model's prior has 10, 50 and 90 per cent below.
    fitted, plain
        Quantiles `SHARES` of the distribution that was fitted, and of the model's prior.
    record, own_record
        10, 50 and 90 per cent once the record is weighed: of the model's members, and of the
        analyst's; None where members do not keep the number, or none can be trusted.
    """

    stated: Statement
    row: Parameter
    meaning: str
    model: Tenths
    fitted: tuple[float, ...]
    plain: tuple[float, ...]
    record: Tenths | None
    own_record: Tenths | None

    @property
    def own(self) -> Tenths:
        """The three numbers that were stated."""
        return self.stated.low, self.stated.middle, self.stated.high


@dataclass(frozen=True)
class Feedback:
    """The feedback to one analyst.

    Attributes
    ----------
    analyst, as_of, seed, worlds
        Whose numbers, on which day; the luck and the number of worlds of each run.
    numbers
        What was stated, in the order of the sheet.
    effective, k
        Of the weights of members; None if they cannot be weighed at all.
    calibrated
        Whether members of the analyst's own were found, made by a calibration.
    refusal
        Why nothing is implied; empty if something is.
    implied
        What follows; empty if there is a refusal.
    odd
        What is implausible in it, a sentence each.
    """

    analyst: Analyst
    as_of: dt.date
    seed: int
    worlds: int
    numbers: tuple[Fitted, ...]
    effective: float | None
    k: float | None
    calibrated: bool
    refusal: str
    implied: tuple[Implied, ...]
    odd: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"<Feedback to {self.analyst.name} as of {self.as_of}: {len(self.numbers)} numbers, "
            f"{len(self.odd)} odd>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "analyst": self.analyst.name,
            "title": self.analyst.title,
            "file": self.analyst.path.as_posix(),
            "numbers": [_number_document(one) for one in self.numbers],
            "effective_size": self.effective,
            "k": None if self.k is None or np.isinf(self.k) else self.k,
            "calibrated": self.calibrated,
            "refusal": self.refusal or None,
            "implied": [
                {
                    "name": one.name,
                    "own": one.own,
                    "model": one.model,
                    "change": {"mean": one.change.mean, "mc": list(one.change.mc)},
                }
                for one in self.implied
            ],
            "odd": list(self.odd),
            "notes": list(self.analyst.notes),
        }

    def table(self) -> pd.DataFrame:
        """Return a row a number and a row a thing that is implied.

        Columns: ``analyst``, ``kind`` (`number` or `implied`), ``name``, ``own`` and ``model`` (the
        median of a number), ``own_10`` and so on, ``record_50`` and ``own_record_50``,
        ``change_low`` and ``change_high`` (95 % of error).
        """
        from sim.sheets import frame_of

        return frame_of([*self.rows()])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the table."""
        empty: dict[str, Any] = {"analyst": self.analyst.name}
        for one in self.numbers:
            row = {**empty, "kind": "number", "name": one.stated.name}
            row |= {"own": one.own[1], "model": one.model[1], "change_low": None}
            row |= {"change_high": None, "own_10": one.own[0], "own_90": one.own[2]}
            row |= {"model_10": one.model[0], "model_90": one.model[2]}
            row["record_50"] = one.record[1] if one.record else None
            row["own_record_50"] = one.own_record[1] if one.own_record else None
            yield {**row, "why": one.stated.why}
        for found in self.implied:
            row = {**empty, "kind": "implied", "name": found.name}
            row |= {"own": found.own, "model": found.model}
            row |= {"change_low": found.change.mc[0], "change_high": found.change.mc[1]}
            gone = ("own_10", "own_90", "model_10", "model_90", "record_50", "own_record_50")
            yield {**row, **dict.fromkeys(gone), "why": ""}


def document(found: list[Feedback]) -> dict[str, Any]:
    """Return the feedback to several analysts as one document (schema `truce/analyst-check/1`)."""
    first = found[0]
    return {
        "schema": SCHEMA,
        "as_of": first.as_of.isoformat(),
        "seed": first.seed,
        "worlds": first.worlds,
        "quantiles": list(SHARES),
        "analysts": [one.as_dict() for one in found],
    }


def _number_document(one: Fitted) -> dict[str, Any]:
    return {
        "number": one.stated.name,
        "meaning": one.meaning,
        "unit": one.row.unit,
        "own": list(one.own),
        "model": list(one.model),
        "changes": one.stated.belief is not None,
        "fitted": list(one.fitted),
        "model_fitted": list(one.plain),
        "record": list(one.record) if one.record else None,
        "own_record": list(one.own_record) if one.own_record else None,
        "why": one.stated.why,
    }


# ------------------------------------------------------------------ feedback


def feedback(
    analyst: Analyst,
    as_of: dt.date | None = None,
    rounds: int = ROUNDS,
    seed: int = DEFAULT_SEED,
    folder: Path | None = None,
) -> Feedback:
    """Tell an analyst what the numbers imply.

    Parameters
    ----------
    analyst
        From `Analyst.open`.
    as_of
        The day whose members are weighed; that of the newest ensemble if None.
    rounds, seed
        Times four worlds of each member, and their luck, in each of three runs: the baseline, the
        same with nothing offered, and truces on their own.
    folder
        Of ensembles; looked up if None.

    Raises
    ------
    CalibrationError
        If there is no ensemble of that day.
    """
    conflict = analyst.conflict
    day = as_of or conflict.newest_day()
    ensemble = load_ensemble(day, folder, conflict)
    plain = np.full(len(ensemble), 1.0 / len(ensemble))
    found, refusal = _believing(analyst, ensemble, folder)
    own = (found.ensemble, found.shares.values) if found else None
    numbers = tuple(_fitted(one, conflict, (ensemble, plain), own) for one in analyst.stated)
    implied: tuple[Implied, ...] = ()
    if own:

        def measured(some: Ensemble) -> Measured:
            key = ("implied", some.id, rounds, seed)
            worlds = 4 * rounds * len(some)
            return conflict.once(key, lambda: measure(some, conflict, worlds, seed))

        mine = Weighed(measured(own[0]), own[1])
        implied = implied_by(mine, Weighed(measured(ensemble), plain))
    odd = (*_odd_numbers(numbers), *_odd_odds(implied, day, conflict))
    effective, k = (found.shares.effective, found.shares.k) if found else (None, None)
    seen = (effective, k, found is not None and found.ratios is None, refusal)
    worlds = 4 * rounds * len(ensemble)
    return Feedback(analyst, day, seed, worlds, numbers, *seen, implied, odd)


def _believing(
    analyst: Analyst, ensemble: Ensemble, folder: Path | None
) -> tuple[Believing | None, str]:
    """Return the members that stand for an analyst, or say why none do."""
    try:
        return members_for(analyst.view, ensemble, analyst.conflict, folder), ""
    except CalibrationError as refused:
        return None, str(refused)


Members = tuple[Ensemble, Floats]
"""Members and their shares."""


def _fitted(stated: Statement, conflict: Conflict, model: Members, own: Members | None) -> Fitted:
    """Tell of a number that was stated."""
    row = find(conflict.parameters, stated.name)
    scores = ndtri(np.array(SHARES))
    plain = tuple(row.from_scores(scores).tolist())
    fitted = tuple(stated.belief.from_scores(scores).tolist()) if stated.belief else plain
    places = {name: (field, place) for name, field, place in slots(Member, conflict.bloc_ids)}

    def after(members: Members | None) -> Tenths | None:
        if members is None or stated.name not in places:
            return None
        field, place = places[stated.name]
        return tenths(members[0].members[field][place].astype(float), members[1])

    told = (question(row, conflict), prior_tenths(row), fitted, plain)
    return Fitted(stated, row, *told, after(model), after(own))


# ------------------------------------------------------------------ what is odd


def _odd_numbers(numbers: tuple[Fitted, ...]) -> Iterator[str]:
    for one in numbers:
        name, own = one.stated.name, one.own
        if one.stated.belief is None:
            continue
        if one.record and as_shown(own) == as_shown(one.record):
            yield (
                f"{name}: your numbers are those that the record left. State what you believed "
                "before it, or else its events count twice."
            )
        width = (own[2] - own[0]) / (one.model[2] - one.model[0])
        if width < NARROW:
            yield (
                f"{name}: your interval is {width:.2f} times as wide as the model's. Most people's "
                "are too narrow: would you take a bet of 4 to 1 that the truth is within?"
            )


def _odd_odds(implied: tuple[Implied, ...], day: dt.date, conflict: Conflict) -> Iterator[str]:
    found = {one.name: one for one in implied}
    if not found:
        return
    nothing = found[WITH_NOTHING]
    most = _most_by_base_rate(day, conflict)
    if nothing.own > most:
        yield (
            f"With nothing offered, threatened or guaranteed a truce would hold with a chance of "
            f"{nothing.own:.1%}{_model_too(nothing.model > most, nothing.model)}. The base rate of "
            f"this war, with 95% of its doubt, allows {most:.1%}."
        )
    for side in conflict.sides:
        yes = found[OWN_TERMS.format(side.name)]
        if yes.own < LEAST_YES:
            yield (
                f"{side.name} would accept its own maximum with a chance of {yes.own:.0%} only"
                f"{_model_too(yes.model < LEAST_YES, yes.model)}: it would fight on for more than "
                "it asks for."
            )


def _model_too(too: bool, value: float) -> str:
    return f" (by the model's numbers {value:.1%}, odd too)" if too else ""


def _most_by_base_rate(day: dt.date, conflict: Conflict) -> float:
    """The 95th percentile of the odds that a truce holds, by the base rate alone."""
    facts = conflict.facts
    horizon = load_scenario("baseline", day, conflict=conflict).horizon_days
    events = MOST_EVENTS * horizon / (day - facts.war.began).days
    return float((1.0 - np.exp(-events)) * facts.base_rate.lasts)
