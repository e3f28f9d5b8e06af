"""What the documents of ours have in them: checked before any of it is used.

A folder of results may come from somebody else, and its hashes may fit whatever was put into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sim.engine.domain import MAX_HORIZON_DAYS, MAX_SEED
from sim.read_back import bare_name, problem

MOST_WORLDS = 10**15
MOST_MEMBERS = 32_767
"""More than any ensemble has; tables are made of that size."""


def _day(text: str) -> str:
    dt.date.fromisoformat(text)
    return text


def ordered(ends: list[float]) -> list[float]:
    """Return the ends of an interval, if the first is not the larger one."""
    if ends[0] > ends[1]:
        raise ValueError("the ends of an interval are in the wrong order")
    return ends


Name = Annotated[str, AfterValidator(bare_name)]
Day = Annotated[str, Field(max_length=10), AfterValidator(_day)]
Text = Annotated[str, Field(max_length=20_000)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Worlds = Annotated[int, Field(ge=1, le=MOST_WORLDS)]
Days = Annotated[int, Field(ge=1, le=MAX_HORIZON_DAYS)]
Count = Annotated[int, Field(ge=0, le=MOST_WORLDS)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Size = Annotated[float, Field(ge=-1e6, le=1e6)]
Shares = Annotated[list[Share], Field(min_length=2, max_length=2)]
Sizes = Annotated[list[Size], Field(min_length=2, max_length=2)]
LeverValue = Annotated[bool | int | float | str, Field(union_mode="left_to_right")]
Levers = dict[Text, LeverValue]


class Shape(BaseModel):
    """A table of a document; what it has beside is left alone, since versions add to it."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False, strict=True)


# ------------------------------------------------------------------ the manifest


class About(Shape):
    """What `truce runs` lists of a result."""

    scenario: Text
    as_of: Day
    horizon_days: Days | None
    worlds: Worlds | None
    seed: Seed | None
    held: Share | None
    agreed: Share | None


class Members(Shape):
    """Which ensemble."""

    id: Text | None
    kind: Literal["prior", "posterior"] | None
    doubt: Text = ""


class Asked(Shape):
    """How a scenario is asked for again, see `sim.request.scenario_request`."""

    name: Text
    as_of: Day
    horizon_days: Days | None
    overrides: Levers
    data: Text | None


class Folders(Shape):
    """Where the data of a conflict are."""

    calibration: Text
    scenarios: Text


class Told(Shape):
    """A scenario, see `sim.inputs.scenario.Scenario.as_dict`."""

    name: Text
    title: Text
    question: Text
    author: Text
    as_of: Day
    horizon_days: Days
    own_levers: dict[Text, Any]
    record: list[dict[Text, Any]]
    rounds: list[Day]
    changes: list[dict[Text, Any]]
    when: list[dict[Text, Any]] = []
    move: list[dict[Text, Any]] = []
    inline: dict[Text, Any]
    overrides: Levers
    path: Text
    given: Text
    horizon_given: bool
    data: Folders | None


class ToldWithClaims(Shape):
    """One of several scenarios."""

    scenario: Told
    claims: list[dict[Text, Any]] = []


class Manifest(Shape):
    """The manifest of a result, of whatever kind."""

    schema_: Literal["truce/manifest/1"] = Field(alias="schema")
    run_id: Key
    about: About
    sha256: dict[Text, Digest]
    command: Text
    source: Text
    ensemble: Members
    request: dict[Text, Any]


class OfScenarios(Manifest):
    """A result of one scenario or several, members and luck."""

    scenarios: Annotated[list[ToldWithClaims], Field(min_length=1)]


class OfRecord(Manifest):
    """A result about the record of a conflict."""

    data: Folders | None


class OfRun(Manifest):
    """A run."""

    scenario: Told
    claims: list[dict[Text, Any]] = []
    seed: Seed
    worlds: Worlds
    precision: Share | None
    ensemble_members: Annotated[int, Field(ge=1, le=MOST_MEMBERS)]


class OfComparison(OfScenarios):
    """A comparison."""

    runs: list[Key]
    seed: Seed
    worlds: Worlds
    precision: Share | None


class AskedStudy(Shape):
    """What a study was asked for; see `sim.experiments.sweep.finish.request`."""

    scenarios: Annotated[list[Asked], Field(min_length=1, max_length=1)]
    kind: Literal["grid", "sobol", "lhs", "points"]
    axes: list[dict[Text, Any]]
    drawn: Annotated[int, Field(ge=1, le=10**9)] | None
    worlds: Worlds
    seed: Seed
    keep_worlds: bool


class OfStudy(Manifest):
    """A study."""

    scenario: Told
    claims: list[dict[Text, Any]] = []
    seed: Seed
    request: AskedStudy  # type: ignore[assignment]
    parts: list[Name]


_OF_KIND: dict[str, type[Manifest]] = {
    "run": OfRun,
    "comparison": OfComparison,
    "study": OfStudy,
    **dict.fromkeys(("timeline", "influence", "explanation"), OfRecord),
}


def manifest_problem(document: Mapping[str, Any], kind: str) -> str:
    """Say what is wrong with a manifest of a kind; empty if nothing is."""
    return problem(_OF_KIND.get(kind, OfScenarios), document)
