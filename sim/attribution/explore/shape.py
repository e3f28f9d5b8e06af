"""What the document of a formula has in it: checked before any of it is used."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.attribution.explore.levers import MOST_LEVERS, MOST_TOGGLES
from sim.shapes import Count, LeverValue, Shape, Share, Size, Text, Worlds
from sim.summaries import AskedAxis, MeanOf, OddsOf

Numbers = Annotated[list[Size], Field(min_length=1, max_length=256)]


class SliderOf(Shape):
    """A lever, see `sim.attribution.explore.levers.Slider`."""

    lever: Text
    meaning: Text
    unit: Text
    low: Size
    high: Size
    today: LeverValue | None
    start: Size
    step: Size


class FitOf(Shape):
    """The formulas while some levers are deferred."""

    deferred: Annotated[list[Text], Field(max_length=MOST_TOGGLES)]
    levers: Annotated[list[Text], Field(min_length=1, max_length=MOST_LEVERS)]
    held: Numbers
    both: Numbers
    agreed: Numbers
    worth: dict[Text, Numbers]
    error: Numbers


class TodayOf(Shape):
    """The scenario as it stands."""

    worlds: Worlds
    held: OddsOf
    agreed: OddsOf
    worth: dict[Text, MeanOf]


class ApartOf(Shape):
    """How far the intervals of the members are apart."""

    mean: Share
    largest: Share


class CheckOf(Shape):
    """What the check found."""

    points: Count
    worlds: Worlds
    rmse: Share
    largest: Share
    coverage: Share
    dice: Share
    members: ApartOf | None
    held_out: bool


class AskedExplore(Shape):
    """What was asked, see `sim.explore`."""

    vary: list[AskedAxis]
    points: Count


class ExploreOf(Shape):
    """``explore.json``."""

    levers: Annotated[list[SliderOf], Field(min_length=1, max_length=MOST_LEVERS)]
    toggles: Annotated[list[Text], Field(max_length=MOST_TOGGLES)]
    fits: Annotated[list[FitOf], Field(min_length=1, max_length=2**MOST_TOGGLES)]
    today: TodayOf
    check: CheckOf
    asked: AskedExplore
    points: Count
    runs: Count
