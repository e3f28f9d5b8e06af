"""The table of parameters, ``calibration/parameters.toml``, with their priors.

It holds a row for every number of the model: name, meaning, unit, range, prior, source and the day
on which the source was known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, Field, model_validator

from sim.engine.dtypes import Floats
from sim.errors import CalibrationError
from sim.inputs.tomlfile import FILE, load_toml

EDGE = 1e-15
"""Shares are kept so far from 0 and 1 when they are turned into scores."""


class Prior(BaseModel):
    """One of: a fixed value, a normal, a log-normal (median, sd of the log) or a beta."""

    model_config = FILE
    fixed: float | None = None
    normal: tuple[float, float] | None = None
    lognormal: tuple[float, float] | None = None
    beta: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Prior:
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one of fixed, normal, lognormal, beta")
        spread = (self.normal or self.lognormal or (0.0, 1.0))[1]
        if spread <= 0.0 or min(self.beta or (1.0, 1.0)) <= 0.0:
            raise ValueError("its spread must be above 0")
        if self.lognormal and self.lognormal[0] <= 0.0:
            raise ValueError("the median of a lognormal must be above 0")
        return self

    @property
    def kind(self) -> str:
        """The family's name."""
        return next(iter(self.model_fields_set))

    def sample(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw ``count`` values, whatever the range."""
        if self.normal:
            return rng.normal(*self.normal, count)
        if self.lognormal:
            median, sd = self.lognormal
            return rng.lognormal(math.log(median), sd, count)
        if self.beta:
            return rng.beta(*self.beta, count)
        assert self.fixed is not None
        return np.full(count, self.fixed)

    def scores(self, values: Floats) -> Floats:
        """Return values on the scale on which the prior is a standard normal, whatever the range.

        A fixed value has no such scale.
        """
        if self.normal:
            return np.asarray((values - self.normal[0]) / self.normal[1])
        if self.lognormal:
            return np.asarray(np.log(values / self.lognormal[0]) / self.lognormal[1])
        from scipy.special import betainc, ndtri

        assert self.beta is not None
        return np.asarray(ndtri(np.clip(betainc(*self.beta, values), EDGE, 1.0 - EDGE)))

    def from_scores(self, scores: Floats) -> Floats:
        """Return the values that have some scores; see `scores`."""
        if self.normal:
            return self.normal[0] + self.normal[1] * scores
        if self.lognormal:
            return np.asarray(self.lognormal[0] * np.exp(self.lognormal[1] * scores))
        from scipy.special import betaincinv, ndtr

        assert self.beta is not None
        return np.asarray(betaincinv(*self.beta, ndtr(scores)))

    def widened(self, factor: float) -> Prior:
        """Return the prior with its sd times a factor; its middle stays, and a fixed value too.

        The middle is the mean of a normal or a beta, the median of a log-normal, whose sd is that
        of the log.
        """
        if self.normal:
            return Prior(normal=(self.normal[0], self.normal[1] * factor))
        if self.lognormal:
            return Prior(lognormal=(self.lognormal[0], self.lognormal[1] * factor))
        if self.beta:
            a, b = self.beta
            weight = (a + b + 1.0) / factor**2 - 1.0
            if weight <= 0.0:
                raise ValueError(f"no beta has {factor:g} times the sd of {self}")
            return Prior(beta=(a / (a + b) * weight, b / (a + b) * weight))
        return self

    def __str__(self) -> str:
        value = getattr(self, self.kind)
        numbers = f"{value:g}" if self.kind == "fixed" else ", ".join(f"{v:g}" for v in value)
        return numbers if self.kind == "fixed" else f"{self.kind}({numbers})"


class Parameter(BaseModel):
    """A row of the table of parameters."""

    model_config = FILE
    name: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)?$")
    meaning: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    range: tuple[float, float]
    prior: Prior
    source: str = Field(min_length=1)
    known_by: date = Field(strict=True)

    @model_validator(mode="after")
    def _makes_sense(self) -> Parameter:
        low, high = self.range
        if low > high:
            raise ValueError(f"range {low:g}..{high:g} is upside down")
        if self.prior.fixed is not None and not low <= self.prior.fixed <= high:
            raise ValueError(f"prior {self.prior.fixed:g} is outside {low:g}..{high:g}")
        return self

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw ``count`` values from the prior, those outside the range drawn again.

        Raises
        ------
        CalibrationError
            If nearly all of the prior lies outside the range.
        """
        low, high = self.range
        values = self.prior.sample(count, rng)
        if self.prior.fixed is not None:
            return values
        for _ in range(100):
            outside = (values < low) | (values > high)
            if not outside.any():
                return values
            values[outside] = self.prior.sample(int(outside.sum()), rng)
        raise CalibrationError(
            f"parameters.toml: {self.name}",
            f"the prior {self.prior} lies almost wholly outside the range {low:g}..{high:g}.",
            "Widen the range or move the prior.",
        )

    @property
    def _cut(self) -> tuple[float, float]:
        """The ends of the range as scores of the prior."""
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = np.nan_to_num(
                self.prior.scores(np.array(self.range)), nan=-np.inf, posinf=np.inf, neginf=-np.inf
            )
        return float(low), float(high)

    def scores(self, values: Floats) -> Floats:
        """Return values on the scale on which the prior, cut to the range, is a standard normal.

        Infinite at the ends of the range.
        """
        from scipy.special import log_ndtr, ndtri_exp

        low, high = self._cut
        z = self.prior.scores(values)
        # each half of the scale from the tail that it is nearer to, where digits are not lost
        whole = _log_less(log_ndtr(high), log_ndtr(low))
        under = _log_less(log_ndtr(z), log_ndtr(low)) - whole
        over = _log_less(log_ndtr(-z), log_ndtr(-high)) - whole
        return np.asarray(np.where(under < over, ndtri_exp(under), -ndtri_exp(over)))

    def from_scores(self, scores: Floats) -> Floats:
        """Return the values that have some scores; see `scores`. All lie within the range."""
        from scipy.special import log_ndtr, ndtri_exp

        low, high = self._cut
        whole = _log_less(log_ndtr(high), log_ndtr(low))
        under = np.logaddexp(log_ndtr(scores) + whole, log_ndtr(low))
        over = np.logaddexp(log_ndtr(-scores) + whole, log_ndtr(-high))
        z = np.where(under < over, ndtri_exp(under), -ndtri_exp(over))
        return np.clip(self.prior.from_scores(z), *self.range)


def _log_less(more: Floats, less: Floats) -> Floats:
    """The log of the difference of two numbers that are given as logs."""
    with np.errstate(divide="ignore"):
        return np.asarray(more + np.log1p(-np.exp(np.minimum(less - more, 0.0))))


class _ParameterTable(BaseModel):
    model_config = FILE
    schema_: Literal["truce/parameters/1"] = Field(alias="schema")
    parameter: tuple[Parameter, ...]

    @model_validator(mode="after")
    def _no_duplicates(self) -> _ParameterTable:
        names = [row.name for row in self.parameter]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands there twice")
        return self


def load_parameters(path: Path, no_later_than: date) -> tuple[Parameter, ...]:
    """Read and check a table of parameters.

    Parameters
    ----------
    no_later_than
        The first day of the record: no prior may lean on anything that was known only later.

    Raises
    ------
    CalibrationError
        Naming the file, the row and what is wrong with it.
    """
    rows = load_toml(path, _ParameterTable, CalibrationError, path.name).parameter
    for row in rows:
        if row.known_by > no_later_than:
            where = f"{path.name}: parameter({row.name})"
            what = f"known_by {row.known_by} is later than {no_later_than}."
            raise CalibrationError(where, what, "Mend it.")
    return rows


def find(parameters: Sequence[Parameter], name: str) -> Parameter:
    """Return the row of that name.

    Raises
    ------
    CalibrationError
        If there is none.
    """
    for row in parameters:
        if row.name == name:
            return row
    raise CalibrationError("parameters.toml", f"there is no row '{name}'.", "Add it.")
