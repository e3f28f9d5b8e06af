"""From the odds of a run back to whoever says so.

The odds lean on some numbers of the members more than on others (`drivers`); each has an interval
before the record was weighed and one after, and a source (`sources`).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.attribution.drivers import Driver, Drivers, drivers
from sim.attribution.numbers import number
from sim.attribution.sources import Source, source_of
from sim.attribution.stored import check_inputs
from sim.calibrate.prior import SEED, draw_prior
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats
from sim.errors import ScenarioError
from sim.evidence.positions import Pull, measure
from sim.evidence.statements import Statement, load_evidence
from sim.identity import ENSEMBLES
from sim.identity import source_of as code_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import columns_of
from sim.inputs.made_from import inputs_of
from sim.opened import conflict_from
from sim.request import python_command
from sim.results import Results
from sim.store import Storable, key_of
from sim.text import shown
from sim.words import spelled

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/explanation/1"
PRIOR_DRAWS = 8192
OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    **{outcome.name.lower(): (outcome,) for outcome in Outcome},
    "agreed": (Outcome.HELD, Outcome.COLLAPSED),
}
"""What can be explained: each outcome, and `agreed`."""
Interval = tuple[float, float, float]
_NOTHING: dict[str, Any] = {"worth": {}, "terms": None, "roads": []}


@dataclass(frozen=True)
class Reason:
    """A number on which the odds lean, and who says so.

    Attributes
    ----------
    before, after
        Its 5th, 50th and 95th percentile before the record was weighed, from the statements and
        none of the events, and among the members.
    """

    driver: Driver
    before: Interval
    after: Interval
    source: Source


@dataclass(frozen=True, repr=False)
class Explanation(Storable):
    """What the odds of a run lean on.

    Attributes
    ----------
    run_id, scenario, title, as_of, horizon_days, seed, ensemble
        Of the run: its id, the name and the title of its scenario, day, horizon, luck and members.
    outcome
        One of `OUTCOMES`.
    drivers
        The numbers that explain the spread of the members' odds.
    reasons
        The same with their intervals and sources, the largest share first.
    made_by
        The command line that made it, if one did.
    conflict
        Whose members they are.
    made_of
        What the agreements are made of and what they cost, as in the run's summary: ``worth``,
        ``terms`` and ``roads``.
    """

    run_id: str
    scenario: str
    title: str
    as_of: dt.date
    horizon_days: int
    seed: int
    ensemble: Mapping[str, Any]
    outcome: str
    drivers: Drivers
    reasons: tuple[Reason, ...]
    made_by: str = field(default="", compare=False)
    conflict: Conflict = field(default_factory=shipped)
    made_of: Mapping[str, Any] = field(default_factory=lambda: dict(_NOTHING))
    kind: ClassVar[str] = "explanation"

    @functools.cached_property
    def inputs(self) -> dict[str, str]:
        """Hashes of evidence, priors and rules as they are now; see `inputs_of`."""
        return inputs_of("posterior", self.as_of, self.conflict)

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {"run": self.run_id, "outcome": self.outcome}

    @functools.cached_property
    def id(self) -> str:
        """A hash of run and outcome, and of what the reasons come from."""
        return key_of({**self.request, "inputs": self.inputs})

    @property
    def command(self) -> str:
        """The line that makes the explanation again, once its run is there."""
        call = f"sim.explain({self.run_id!r}, {self.outcome!r}).save('outputs')"
        return self.made_by or python_command(call)

    @property
    def assumed(self) -> float:
        """The share of the spread that leans on what is merely assumed."""
        return sum(r.driver.share for r in self.reasons if r.source.standing == "assumed")

    def __repr__(self) -> str:
        first = f", first {self.reasons[0].driver.name}" if self.reasons else ""
        return (
            f"<Explanation of {self.outcome} in run {self.run_id}: {len(self.reasons)} numbers "
            f"explain {100.0 * self.drivers.explained:.0f} % of the spread of its members{first}>"
        )

    def as_dict(self, top: int | None = None) -> dict[str, Any]:
        """Return the explanation as plain data (schema `truce/explanation/1`).

        Parameters
        ----------
        top
            How many reasons to return; all if None.
        """
        found = self.drivers
        return {
            "schema": SCHEMA,
            "run_id": self.run_id,
            "scenario": self.scenario,
            "ensemble": dict(self.ensemble),
            "outcome": self.outcome,
            "worlds": found.worlds,
            "members": found.members,
            "mean": found.mean,
            "spread_between_members": found.spread,
            "explained": found.explained,
            "merely_assumed": self.assumed,
            **{name: self.made_of[name] for name in _NOTHING},
            "reasons": [_reason_document(one, self.conflict) for one in self.reasons[:top]],
        }

    def table(self) -> pd.DataFrame:
        """Return a row a number that the odds lean on.

        Columns: ``name``, ``meaning``, its ``share`` of the spread with a 95 % interval
        (``share_low``, ``share_high``), ``slope`` (change of the odds from its low tenth to its
        high tenth), its medians ``before_record`` and ``after_record``, ``standing`` and
        ``source``.
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "name": reason.driver.name,
                    "meaning": reason.source.meaning,
                    "share": reason.driver.share,
                    "share_low": reason.driver.interval[0],
                    "share_high": reason.driver.interval[1],
                    "slope": reason.driver.slope,
                    "before_record": reason.before[1],
                    "after_record": reason.after[1],
                    "standing": reason.source.standing,
                    "source": reason.source.text,
                }
                for reason in self.reasons
            ]
        )

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        held = self.drivers.mean if self.outcome == "held" else None
        agreed = self.drivers.mean if self.outcome == "agreed" else None
        return {
            "about": {
                "scenario": self.scenario,
                "as_of": self.as_of.isoformat(),
                "horizon_days": self.horizon_days,
                "worlds": self.drivers.worlds,
                "seed": self.seed,
                "held": held,
                "agreed": agreed,
            },
            "title": self.title,
            "request": self.request,
            "data": self.conflict.document,
            "inputs": self.inputs,
            "ensemble": dict(self.ensemble),
            "command": self.command,
            "source": code_of(ENSEMBLES),
        }

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Explanation:
        """Return the explanation that a folder holds."""
        about = manifest["about"]
        as_of = dt.date.fromisoformat(about["as_of"])
        conflict = conflict_from(manifest["data"])
        check_inputs(folder, manifest, as_of, conflict)
        evidence = load_evidence(as_of=as_of, conflict=conflict)
        rows = {row.id: row for row in evidence.statements}
        reasons = tuple(_reason_in(one, rows) for one in document["reasons"])
        found = Drivers(
            document["outcome"],
            int(document["members"]),
            int(document["worlds"]),
            float(document["mean"]),
            float(document["spread_between_members"]),
            float(document["explained"]),
            tuple(reason.driver for reason in reasons),
        )
        return cls(
            str(document["run_id"]),
            str(document["scenario"]),
            str(manifest["title"]),
            as_of,
            int(about["horizon_days"]),
            int(about["seed"]),
            document["ensemble"],
            str(document["outcome"]),
            found,
            reasons,
            made_by=str(manifest["command"]),
            conflict=conflict,
            made_of={name: document[name] for name in _NOTHING},
        )


def _reason_document(reason: Reason, conflict: Conflict) -> dict[str, Any]:
    driver, source = reason.driver, reason.source
    return {
        "name": driver.name,
        "meaning": source.meaning,
        "share": driver.share,
        "interval": list(driver.interval),
        "slope": driver.slope,
        "before_record": list(reason.before),
        "after_record": list(reason.after),
        "standing": source.standing,
        "source": source.text,
        "known_by": source.known_by or None,
        "statements": [_statement_document(row, pull, conflict) for row, pull in source.statements],
    }


def _statement_document(row: Statement, pull: Pull | None, conflict: Conflict) -> dict[str, Any]:
    return {
        "id": row.id,
        "article": row.article,
        "paragraph": row.paragraph,
        "date": str(row.date),
        "paraphrase": spelled(row.paraphrase, conflict),
        "pull": pull.pull if pull else None,
        "gain": pull.gain if pull else None,
        "mean_without": pull.without if pull else None,
    }


def _reason_in(document: Mapping[str, Any], rows: Mapping[str, Statement]) -> Reason:
    """The reason whose plain data `_reason_document` gave."""
    low, high = map(float, document["interval"])
    driver = Driver(
        document["name"], float(document["share"]), (low, high), float(document["slope"])
    )
    statements = tuple((rows[one["id"]], _pull_in(one)) for one in document["statements"])
    source = Source(
        document["meaning"],
        document["standing"],
        document["source"],
        document["known_by"] or "",
        statements,
    )
    before, after = (_interval_in(document[name]) for name in ("before_record", "after_record"))
    return Reason(driver, before, after, source)


def _pull_in(document: Mapping[str, Any]) -> Pull | None:
    if document["pull"] is None:
        return None
    numbers = (float(document[name]) for name in ("gain", "pull", "mean_without"))
    return Pull(document["id"], *numbers)


def _interval_in(ends: Any) -> Interval:
    low, middle, high = map(float, ends)
    return low, middle, high


# ------------------------------------------------------------------------- explaining


def explain(results: Results, outcome: str = "held") -> Explanation:
    """Walk from the odds of a run to the numbers they lean on, and on to their sources.

    Parameters
    ----------
    results
        Of a run; the counts of its worlds suffice.
    outcome
        One of the five outcomes, or `agreed`.

    Raises
    ------
    ScenarioError
        If there is no such outcome.
    StoreError
        If the model or the ensemble has changed since the run, or it is too small.
    EvidenceError, CalibrationError
        If a table cannot be read.
    """
    if outcome not in OUTCOMES:
        raise ScenarioError("outcome", f"{shown(outcome)} is none.", f"{', '.join(OUTCOMES)}.")
    ensemble = results.ensemble()
    found = drivers(results, ensemble, OUTCOMES[outcome])
    conflict = results.scenario.conflict
    members, starts, _ = draw_prior(ensemble.as_of, SEED, PRIOR_DRAWS, conflict)
    before = columns_of(members, starts, conflict.bloc_ids)
    after = columns_of(ensemble.members, ensemble.starts, conflict.bloc_ids)
    table = {row.name: row for row in conflict.parameters}
    evidence = load_evidence(as_of=ensemble.as_of, conflict=conflict)
    positions = measure(evidence)
    reasons = tuple(
        Reason(
            driver,
            _interval(number(driver.name, before)),
            _interval(number(driver.name, after)),
            source_of(driver.name, table, positions, evidence),
        )
        for driver in found.drivers
    )
    scenario = results.scenario
    return Explanation(
        results.run_id,
        scenario.name,
        scenario.title,
        scenario.as_of,
        scenario.horizon_days,
        results.seed,
        results.facts()["ensemble"],
        outcome,
        found,
        reasons,
        conflict=conflict,
        made_of={
            "worth": {actor: worth.as_dict() for actor, worth in results.worth.items()},
            "terms": results.terms(),
            "roads": results.road_documents(),
        },
    )


def _interval(values: Floats) -> Interval:
    """The interval of the draws that have the number; zeros if none has it yet."""
    known = values[np.isfinite(values)]
    low, middle, high = np.quantile(known if len(known) else [0.0], [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)
