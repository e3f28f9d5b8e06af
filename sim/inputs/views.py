"""The model as somebody else would have it: other priors, or numbers held or multiplied.

A `View` is what an analyst's sheet and a variant of construction come to. It changes priors only,
and every past keeps the draws that it has without it, so that a view that changes nothing gives
the same members to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from sim.engine.dtypes import Floats
from sim.errors import CalibrationError
from sim.inputs.parameters import Parameter

TENTH = 1.2815515655446004
"""Nine tenths of a standard normal lie below this."""


class Belief(NamedTuple):
    """What somebody believes of a number: the prior, shifted and stretched.

    On the scale on which the prior, cut to the range of the number, is a standard normal, the
    belief has its median at ``centre``, and half of a normal of its own width on either side. So
    it has exactly the three quantiles that were stated, it lies within the range, and the
    quantiles of the prior itself give the prior.

    Attributes
    ----------
    row
        The number, with its prior.
    low, middle, high
        Where the belief has 10, 50 and 90 per cent below it, in the number's unit.
    centre, below, above
        The median and the two widths on the scale of the prior; 0, 1, 1 is the prior.
    """

    row: Parameter
    low: float
    middle: float
    high: float
    centre: float
    below: float
    above: float

    @classmethod
    def of(cls, row: Parameter, low: float, middle: float, high: float) -> Belief:
        """Return the belief with these quantiles, rising and strictly within the range."""
        ten, fifty, ninety = row.scores(np.array([low, middle, high])).tolist()
        widths = (fifty - ten) / TENTH, (ninety - fifty) / TENTH
        return cls(row, low, middle, high, fifty, *widths)

    @property
    def deciding(self) -> tuple[float, float, float]:
        """All of it that decides what is drawn."""
        return self.low, self.middle, self.high

    def moved(self, values: Floats) -> Floats:
        """Return values of the belief from as many of the prior, each at the same quantile."""
        z = self.row.scores(values)
        return self.row.from_scores(self.centre + np.where(z < 0.0, self.below, self.above) * z)

    def scores(self, values: Floats) -> Floats:
        """Return values on the scale on which the belief is a standard normal."""
        apart = self.row.scores(values) - self.centre
        return np.asarray(apart / np.where(apart < 0.0, self.below, self.above))

    def from_scores(self, scores: Floats) -> Floats:
        """Return the values that have some scores."""
        width = np.where(scores < 0.0, self.below, self.above)
        return self.row.from_scores(self.centre + width * scores)

    def log_ratio(self, values: Floats) -> Floats:
        """Return the log density of values by the belief, less that by the prior."""
        z = self.row.scores(values)
        apart = z - self.centre
        width = np.where(apart < 0.0, self.below, self.above)
        return np.asarray(0.5 * (z**2 - (apart / width) ** 2) - np.log(width))

    def quantile(self, share: float) -> float:
        """Return the value below which a share of the belief lies."""
        from scipy.special import ndtri

        return float(self.from_scores(np.array([ndtri(share)]))[0])


@dataclass(frozen=True)
class View:
    """Numbers of the model that are taken otherwise than ``parameters.toml`` has them.

    Attributes
    ----------
    name
        An id.
    kind
        `variant` if it is a doubt about the model's construction, `analyst` if somebody's beliefs.
    option
        How it is asked for on a command line.
    held
        Numbers that are the same for all members, by name.
    times
        By which numbers are multiplied, by name.
    beliefs
        Other priors, by name.
    """

    name: str
    kind: Literal["variant", "analyst"]
    option: str
    held: Mapping[str, float] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)
    beliefs: Mapping[str, Belief] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Where its ensembles lie within a folder of ensembles."""
        return f"{self.kind}s/{self.name}"

    @property
    def changes(self) -> tuple[str, ...]:
        """The names of the numbers that it takes otherwise, in order."""
        return tuple(sorted({*self.held, *self.times, *self.beliefs}))

    @property
    def deciding(self) -> dict[str, dict[str, object]]:
        """All of it that decides an ensemble, as plain data; empty if it changes nothing."""
        parts: dict[str, dict[str, object]] = {
            "held": dict(sorted(self.held.items())),
            "times": dict(sorted(self.times.items())),
            "beliefs": {name: list(one.deciding) for name, one in sorted(self.beliefs.items())},
        }
        return {name: part for name, part in parts.items() if part}

    def with_other(self, other: View) -> View:
        """Return both views at once.

        Raises
        ------
        CalibrationError
            If they contradict each other: both take one number otherwise, and not alike.
        """
        for name in self.changes:
            mine, others = self.told(name), other.told(name)
            if others and mine != others:
                what = f"'{self.name}' has it {mine}, '{other.name}' has it {others}."
                todo = "They contradict each other: take one of them."
                raise CalibrationError(f"number {name}", what, todo)
        return View(
            f"{self.name}+{other.name}",
            self.kind,
            f"{self.option} {other.option}",
            {**self.held, **other.held},
            {**self.times, **other.times},
            {**self.beliefs, **other.beliefs},
        )

    def told(self, name: str) -> str:
        """Say how a number is taken; nothing if as the table has it."""
        if name in self.held:
            return f"held at {self.held[name]:g}"
        if name in self.times:
            return f"times {self.times[name]:g}"
        if name in self.beliefs:
            low, middle, high = self.beliefs[name].deciding
            return f"{middle:g}, from {low:g} to {high:g}"
        return ""
