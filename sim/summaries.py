"""What the summaries of runs and of studies have in them, from which their reports are printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from sim.shapes import (
    Count,
    Day,
    Days,
    Key,
    Levers,
    LeverValue,
    Members,
    Seed,
    Shape,
    Share,
    Shares,
    Size,
    Sizes,
    Text,
    Worlds,
    ordered,
)
from sim.text import shown
from sim.typed import LARGEST


class OddsOf(Shape):
    """Odds with both intervals, see `sim.estimates.Odds.as_dict`."""

    mean: Share
    mc: Annotated[Shares, AfterValidator(ordered)]
    ensemble: Annotated[Shares, AfterValidator(ordered)] | None
    median_member: Share | None


class MeanOf(Shape):
    """A mean with both intervals, see `sim.means.Mean.as_dict`."""

    mean: Size
    mc: Annotated[Sizes, AfterValidator(ordered)] | None
    ensemble: Annotated[Sizes, AfterValidator(ordered)] | None


class OutcomeOdds(Shape):
    """Odds of every outcome."""

    held: OddsOf
    collapsed: OddsOf
    walked_away: OddsOf
    partial_only: OddsOf
    no_truce: OddsOf


class DaysToTruce(Shape):
    """Percentiles of the day of the first full truce."""

    p10: Days
    p50: Days
    p90: Days


class Pauses(Shape):
    """Odds of pauses short of a truce."""

    unilateral: OddsOf
    mutual_any_length: OddsOf


class Blocked(Shape):
    """How often a side blocked last, and on which issue."""

    share: Share | None
    issues: dict[Text, Share]


class RoadOf(Shape):
    """A road to agreement, see `sim.tally.Road.as_dict`."""

    named: list[Text]
    agreements: Count
    share: Share
    share_mc: Shares
    held_given_agreed: Share
    held_given_agreed_mc: Shares
    places: dict[Text, Size]
    guarantee: Size
    relief: Size
    worth: dict[Text, Size]


class BaseRateOf(Shape):
    """The odds by the base rate alone."""

    name: Text
    held: Share


class RunSummary(Shape):
    """``summary.json`` of a run."""

    run_id: Key
    scenario: Text
    as_of: Day
    horizon_days: Days
    seed: Seed
    worlds: Worlds
    members: Count
    ensemble: Members
    odds: OutcomeOdds
    agreed: OddsOf
    held_given_agreed: OddsOf | None
    days_to_truce: DaysToTruce | None
    pauses: Pauses
    blockers: dict[Text, Blocked]
    worth: dict[Text, MeanOf]
    terms: dict[Text, Any] | None
    roads: list[RoadOf]
    baseline: BaseRateOf
    levers: dict[Text, Any]


class PointOdds(Shape):
    """Odds at a point of a study; none if it failed."""

    held: OddsOf | None
    collapsed: OddsOf | None
    walked_away: OddsOf | None
    partial_only: OddsOf | None
    no_truce: OddsOf | None
    agreed: OddsOf | None


class Gain(Shape):
    """By how much the best point is ahead of the scenario as it stands."""

    mean: Size
    mc: Annotated[Sizes, AfterValidator(ordered)]
    ensemble: Annotated[Sizes, AfterValidator(ordered)] | None = None
    verdict: Text
    members_ahead: Share | None = None
    members_behind: Share | None = None


class PointOf(Shape):
    """A point of a study."""

    point: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    levers: Levers
    odds: PointOdds
    worth: dict[Text, MeanOf | None]
    error: Text | None


class BestPoint(PointOf):
    """The best point, with its gain."""

    gain: Gain | None


class StudySummary(Shape):
    """``summary.json`` of a study."""

    study_id: Key
    scenario: Text
    title: Text
    set: Levers
    as_of: Day
    horizon_days: Days
    seed: Seed
    design: Literal["grid", "sobol", "lhs", "points"]
    levers: list[Text]
    points: Count
    failed: Count
    worlds: Worlds
    members: Count
    ensemble: Members
    best: BestPoint | None
    worst: PointOf | None
    today: PointOf | None
    inert: bool
    notes: list[Text]


# ------------------------------------------------------------------ what answers were asked


class AskedAxis(Shape):
    """A lever that is varied: its ends, or its values."""

    lever: Text
    low: Size | None = None
    high: Size | None = None
    values: list[LeverValue] | None = None
    steps: Count | None = None


class AskedSensitivity(Shape):
    """What a sensitivity was asked, see `sim.attribution.sensitivity`."""

    vary: list[AskedAxis]
    unknowns: list[Text]
    dice: bool
    rank: list[Text]
    outcome: Text
    worlds: Worlds
    runs: Count


class AskedOptimise(Shape):
    """What an optimisation was asked, see `sim.attribution.optimise`."""

    vary: list[AskedAxis]
    objective: list[Text]
    robust: Text
    where: list[Text]
    reach: LeverValue | None
    most_levers: Count | None
    points: Count
    costs: dict[Text, Any] | None
    costs_file: Text | None


class AskedDiscovery(Shape):
    """What a discovery was asked, see `sim.attribution.discover`."""

    kind: Text
    id: Text
    where: Text
    over: Text
    of: Text | None
    most: Count


_WORDS = frozenset(("name", "meaning", "standing", "verdict", "scenario", "leads", "method"))
_LABELS = frozenset(("dice", "scenarios", "best_on_average"))
"""Keys under which words stand, or tables of numbers."""
_FLAGS = frozenset(("turns", "agrees"))


def check_numbers(node: Any, key: str = "document") -> None:
    """Check plain data of estimates: numbers and flags where there are such, else words.

    Raises
    ------
    ValueError
        If something is of another type, or no number that can be.
    """
    if isinstance(node, Mapping):
        for name, one in node.items():
            plain = not isinstance(one, Mapping)
            check_numbers(one, "name" if plain and name in _LABELS else name)
    elif isinstance(node, list):
        for one in node:
            check_numbers(one, key)
    elif node is not None:
        kinds: Any = str if key in _WORDS else bool if key in _FLAGS else float
        whole = isinstance(node, int) and not isinstance(node, bool) and kinds is float
        if not (whole or isinstance(node, kinds)) or (kinds is float and abs(node) > LARGEST):
            raise ValueError(f"{key} is {shown(node)}")
