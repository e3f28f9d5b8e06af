"""What a sweep is of: one scenario, a design of levers, worlds and luck, checked once."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.engine.domain import MAX_SEED
from sim.errors import check_whole
from sim.experiments.axes import Point, reading_notes
from sim.experiments.design import Design, Varied, make_design, point_id
from sim.experiments.sweep.chunk import (
    CHUNK_WORLDS,
    WORLDS_OF_MEMBER,
    Chunk,
    Recipe,
    source_here,
    tool_here,
)
from sim.experiments.sweep.folder import PLAN_SCHEMA, StudyFolder, chunks_missing
from sim.experiments.sweep.inert_levers import foreseen
from sim.experiments.sweep.points import blocks
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.levers import Value
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_SEED

DEFAULT_WORLDS = 1_000
MAX_WORLDS = 10**15


@dataclass(frozen=True)
class Sweep:
    """Everything that a study needs, checked once; nothing is run or written yet.

    Attributes
    ----------
    worlds
        Worlds of each point.
    made_by
        The command line that asks for it, if one does.
    """

    scenario: Scenario
    ensemble: Ensemble
    design: Design
    worlds: int
    seed: int
    keep_worlds: bool = False
    notes: list[str] = field(default_factory=list)
    made_by: str = ""

    @property
    def turn(self) -> int:
        """Worlds after which it is the first member's turn again."""
        return WORLDS_OF_MEMBER * len(self.ensemble)

    @functools.cached_property
    def study_id(self) -> str:
        """A hash of what is varied of which scenario: what a study may grow by is not in it."""
        scenario = self.scenario
        named = {
            "scenario": scenario.name,
            "conflict": scenario.conflict.digest,
            "as_of": scenario.as_of.isoformat(),
            "horizon_days": scenario.horizon_days,
            "set": dict(scenario.overrides),
            "design": self.design.as_dict(),
            "seed": self.seed,
            "keep_worlds": self.keep_worlds,
        }
        return _hash(named)[:12]

    @functools.cached_property
    def plan(self) -> dict[str, Any]:
        """What must never change within the study."""
        ensemble = self.ensemble
        fixed = {
            "schema": PLAN_SCHEMA,
            "study_id": self.study_id,
            "scenario": self.scenario.resolved(),
            "design": self.design.as_dict(),
            "seed": self.seed,
            "ensemble": {"id": ensemble.id, "kind": ensemble.kind},
            "source": source_here(),
            "keep_worlds": self.keep_worlds,
        }
        return {**fixed, "key": _hash(fixed)[:16]}

    @property
    def today(self) -> tuple[Value, ...]:
        """The scenario's own values of the levers that are varied."""
        return tuple(self.scenario.standing(lever) for lever in self.design.levers)

    def recipe(self) -> Recipe:
        """Return what all chunks of the study share."""
        return Recipe(
            key=self.plan["key"],
            levers=self.design.levers,
            scenario=self.scenario,
            seed=self.seed,
            ensemble_id=self.ensemble.id,
            source=f"{source_here()} {tool_here()}",
            keep_worlds=self.keep_worlds,
        )

    def blocks(self) -> Iterator[list[tuple[Point, str]]]:
        """Yield the scenario's own point, then those of the design, as many as make a chunk."""
        yield [(self.today, point_id(self.design.levers, self.today))]
        yield from blocks(self.design, max(1, CHUNK_WORLDS // min(self.worlds, self.turn)))

    def chunks(self, folder: StudyFolder) -> Iterator[Chunk]:
        """Yield what is still to be run."""
        own = point_id(self.design.levers, self.today)
        later = (
            [pair for pair in block if number == 0 or pair[1] != own]
            for number, block in enumerate(self.blocks())
        )
        return chunks_missing(folder, later, self.worlds)

    def place(self, out: Path) -> Path:
        """Return where the study's folder is, or will be, below ``out``."""
        return out / "sweeps" / self.scenario.name / self.study_id


def _hash(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_sweep(
    scenario: Scenario | str | Path,
    vary: Varied,
    design: str = "grid",
    points: int | None = None,
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    *,
    keep_worlds: bool = False,
) -> Sweep:
    """Check everything that a sweep is asked for, and return it.

    Raises
    ------
    ScenarioError, CalibrationError
        If something cannot be used; the message says where, what, and what to do.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    worlds = check_whole("worlds", worlds, 1, MAX_WORLDS)
    seed = check_whole("seed", seed, 0, MAX_SEED)
    with scenario.conflict.named_errors():
        plan = make_design(vary, design, points, seed)
    ensemble = load_ensemble(scenario.as_of, conflict=scenario.conflict)
    sweep = Sweep(scenario, ensemble, plan, worlds, seed, keep_worlds)
    notes = reading_notes(vary) if isinstance(vary, Mapping) else []
    sweep.notes.extend([*notes, *foreseen(scenario, plan)])
    return sweep
