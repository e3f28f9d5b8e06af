"""From the odds of a run back to whoever says so.

The odds lean on some numbers of the members more than on others (`drivers`); each has an interval
before the record of the spring was weighed and one after, and a source (`sources`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.attribution.drivers import Driver, Drivers, drivers
from sim.attribution.sources import Source, source_of
from sim.calibrate.prior import SEED, draw_prior
from sim.evidence.positions import measure
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import columns_of
from sim.runs import Run

PRIOR_DRAWS = 8192
AGREED = ("held", "collapsed")
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Reason:
    """A number on which the odds lean, and who says so.

    Attributes
    ----------
    before, after
        Its 5th, 50th and 95th percentile before the record was weighed, from the statements and
        none of the events, and among the members.
    label
        What the number is, as ``source.meaning``, with the sides by their names.
    """

    driver: Driver
    before: Interval
    after: Interval
    source: Source
    label: str


@dataclass(frozen=True)
class Explanation:
    """What the odds of a run lean on."""

    run: Run
    drivers: Drivers
    reasons: tuple[Reason, ...]


def explain(run: Run, outcome: str = "held") -> Explanation:
    """Walk from the odds of a run to the numbers they lean on, and on to their sources.

    Parameters
    ----------
    run
        A finished run.
    outcome
        One of the five outcomes, or `agreed`.

    Raises
    ------
    StoreError
        If the model or the ensemble has changed since the run, or it is too small.
    EvidenceError, CalibrationError
        If a table cannot be read.
    """
    ensemble = run.ensemble()
    found = drivers(run, ensemble, AGREED if outcome == "agreed" else (outcome,))
    conflict = run.conflict
    members, starts, _ = draw_prior(ensemble.as_of, SEED, PRIOR_DRAWS, conflict)
    before = columns_of(members, starts, conflict.bloc_ids)
    after = columns_of(ensemble.members, ensemble.starts, conflict.bloc_ids)
    table = {row.name: row for row in conflict.parameters}
    evidence = load_evidence(as_of=ensemble.as_of, conflict=conflict)
    positions = measure(evidence)
    reasons = tuple(
        Reason(
            driver,
            _interval(before[driver.name]),
            _interval(after[driver.name]),
            source := source_of(driver.name, table, positions, evidence),
            with_names(source.meaning, conflict),
        )
        for driver in found.drivers
    )
    return Explanation(run, found, reasons)


def with_names(text: str, conflict: Conflict) -> str:
    """Return a text with the sides by their names in place of ``side R`` and ``side U``."""
    for letter, side in zip("RU", conflict.sides, strict=True):
        text = re.sub(rf"\bside {letter}\b", side.name, text)
    return text


def _interval(values: Any) -> Interval:
    low, middle, high = np.quantile(np.asarray(values, float), [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)
