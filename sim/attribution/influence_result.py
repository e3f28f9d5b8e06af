"""What came of leaving out evidence and changing assumptions, one at a time; kept in a folder."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.attribution.stored import check_inputs, estimate_in, python_call
from sim.attribution.weighted_odds import Estimate
from sim.identity import ENSEMBLES, source_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.made_from import inputs_of
from sim.opened import conflict_from
from sim.store import Storable, key_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/influence/1"
KINDS = ("article", "event", "statement", "structure")
"""What is left out, and `structure`: constants that are changed."""
_RERUN = "filter run again"


def shift_document(shift: Estimate) -> dict[str, Any]:
    """Return a change of odds as plain data: change, standard error, 95 % interval."""
    return {"change": shift.change, "error": shift.error, "interval": list(shift.interval)}


def odds_document(odds: Mapping[str, Estimate]) -> dict[str, Any]:
    """Return odds from weighed particles as plain data, by outcome."""
    return {
        name: {"mean": one.change, "error": one.error, "interval": list(one.interval)}
        for name, one in odds.items()
    }


@dataclass(frozen=True)
class InfluenceRow:
    """What one change does to the odds.

    Attributes
    ----------
    kind
        One of `KINDS`.
    id
        Of the article, event or statement, or the name of the structural change.
    label
        What it is, in our own words.
    shifts
        By outcome, the change of the odds when it is left out or changed.
    effective, k
        Of the weights without it: see `sim.calibrate.particles.Weights`.
    log_evidence
        Change of the log chance of the record; for an event left out, the negative of it is the
        log of the chance that the model gave to the event, given all the rest.
    log_chance
        For an event that is paid for: the mean over members of the log of its chance, before the
        record was weighed and after; None for all else.
    rerun
        Whether the filter was run again, or its particles weighed anew.
    """

    kind: str
    id: str
    label: str
    shifts: dict[str, Estimate]
    effective: float
    k: float
    log_evidence: float
    rerun: bool
    log_chance: tuple[float, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the change as plain data, for `InfluenceRow.from_dict`."""
        return {
            "kind": self.kind,
            "id": self.id,
            "label": self.label,
            **{name: shift_document(shift) for name, shift in self.shifts.items()},
            "log_evidence": self.log_evidence,
            "effective_size": self.effective,
            "k": round(self.k, 3),
            "mean_log_chance": list(self.log_chance) if self.log_chance else None,
            "how": _RERUN if self.rerun else "weighed anew",
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], outcomes: Iterable[str]) -> InfluenceRow:
        """Return the change whose plain data `as_dict` gave, with shifts of some outcomes."""
        shifts = {name: document[name] for name in outcomes}
        chance = document["mean_log_chance"]
        return cls(
            document["kind"],
            document["id"],
            document["label"],
            {name: estimate_in(one["change"], one["error"]) for name, one in shifts.items()},
            float(document["effective_size"]),
            float(document["k"]),
            float(document["log_evidence"]),
            document["how"] == _RERUN,
            (float(chance[0]), float(chance[1])) if chance else None,
        )


@dataclass(frozen=True, repr=False)
class Influence(Storable):
    """All that was varied, the largest changes of `held` first within each kind.

    Attributes
    ----------
    odds
        The odds with all the evidence, and their standard errors.
    effective, k
        Of the weights with all the evidence.
    silent
        How many statements move nothing.
    kinds
        Which of `KINDS` were varied.
    made_by
        The command line that made it, if one did.
    conflict
        Whose evidence and record it is of.
    """

    as_of: dt.date
    horizon_days: int
    particles: int
    seed: int
    odds: dict[str, Estimate]
    effective: float
    k: float
    rows: tuple[InfluenceRow, ...]
    silent: int
    kinds: tuple[str, ...] = KINDS
    made_by: str = field(default="", compare=False)
    conflict: Conflict = field(default_factory=shipped)
    kind: ClassVar[str] = "influence"

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "particles": self.particles,
            "kinds": list(self.kinds),
            "seed": self.seed,
            "data": self.conflict.folder,
        }

    @functools.cached_property
    def inputs(self) -> dict[str, str]:
        """Hashes of evidence, priors and rules as they are now; see `inputs_of`."""
        return inputs_of("posterior", self.as_of, self.conflict)

    @functools.cached_property
    def id(self) -> str:
        """A hash of what was asked for, and of what it was made from."""
        return key_of({**self.request, "inputs": self.inputs})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        return self.made_by or python_call("influence", self.as_of, self.request)

    def __repr__(self) -> str:
        held = 100.0 * self.odds["held"].change
        return (
            f"<Influence of {len(self.rows)} changes on the odds of {self.as_of}: "
            f"held {held:.0f} % with all the evidence, seed {self.seed}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain data (schema `truce/influence/1`)."""
        return {
            "schema": SCHEMA,
            "inputs": self.inputs,
            "command": self.command,
            "as_of": str(self.as_of),
            "horizon_days": self.horizon_days,
            "particles": self.particles,
            "seed": self.seed,
            "kinds": list(self.kinds),
            "odds": odds_document(self.odds),
            "effective_size": self.effective,
            "k": round(self.k, 3),
            "rows": [row.as_dict() for row in self.rows],
            "statements_without_effect": self.silent,
        }

    def table(self) -> pd.DataFrame:
        """Return a row a change: ``kind``, ``id``, what it does to each of the odds, ``label``.

        For each of the odds, its change and the standard error of it, as shares.
        """
        import pandas as pd

        shifts = [column for name in self.odds for column in (name, f"{name}_error")]
        rows = []
        for row in self.rows:
            numbers = [(row.shifts[name].change, row.shifts[name].error) for name in self.odds]
            rows.append((row.kind, row.id, *(one for pair in numbers for one in pair), row.label))
        return pd.DataFrame(rows, columns=["kind", "id", *shifts, "label"])

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        return {
            "about": {
                "scenario": "baseline",
                "as_of": str(self.as_of),
                "horizon_days": self.horizon_days,
                "worlds": None,
                "seed": self.seed,
                "held": self.odds["held"].change,
                "agreed": self.odds["agreed"].change,
            },
            "request": self.request,
            "data": self.conflict.document,
            "ensemble": {"id": None, "kind": "posterior", "as_of": str(self.as_of)},
            "command": self.command,
            "source": source_of(ENSEMBLES),
        }

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Influence:
        """Return the influences that a folder holds."""
        day = dt.date.fromisoformat(document["as_of"])
        conflict = conflict_from(manifest["data"])
        check_inputs(folder, document, day, conflict)
        odds = {
            name: estimate_in(one["mean"], one["error"]) for name, one in document["odds"].items()
        }
        return cls(
            day,
            int(document["horizon_days"]),
            int(document["particles"]),
            int(document["seed"]),
            odds,
            float(document["effective_size"]),
            float(document["k"]),
            tuple(InfluenceRow.from_dict(row, odds) for row in document["rows"]),
            int(document["statements_without_effect"]),
            tuple(document["kinds"]),
            made_by=str(manifest["command"]),
            conflict=conflict,
        )
