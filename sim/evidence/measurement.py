"""The measurement model: its constants, the errors of statements, and its closed form.

Every constant stands in ``calibration/measurement.toml`` with its source; none is in the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, model_validator

from sim.engine.dtypes import Floats
from sim.errors import CalibrationError
from sim.evidence.coding import BASES
from sim.evidence.statements import Statement
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.tomlfile import FILE, load_toml

TAIL = 0.05
"""Intervals are central 90 % intervals."""
REACH = NormalDist().inv_cdf(1.0 - TAIL)


def _sourced(table: Any) -> Any:
    if not isinstance(table, dict) or set(table) != {"value", "source"}:
        raise ValueError("give a value and a source, and nothing else")
    if not isinstance(table["source"], str) or not table["source"].strip():
        raise ValueError("give a source, or 'assumed: ' and a reason")
    if type(table["value"]) not in (int, float):
        raise ValueError("give the value as a number")
    return table["value"]


MOST, LEAST = 20.0, 0.001
"""Means lie within the first, as errors do, which are no smaller than the other, in logits."""
Mean = Annotated[float, Field(ge=-MOST, le=MOST), BeforeValidator(_sourced)]
Sd = Annotated[float, Field(ge=LEAST, le=MOST), BeforeValidator(_sourced)]
Share = Annotated[float, Field(ge=0.0, lt=1.0), BeforeValidator(_sourced)]


class Measurement(BaseModel):
    """The constants of the measurement model, see ``calibration/measurement.toml``.

    To vary one: ``measurement.model_copy(update={"shared_error": 0.5})``.
    """

    model_config = FILE
    schema_: Literal["truce/measurement/1"] = Field(alias="schema")
    shrink_low: Sd
    shrink_span: Sd
    belligerent_prior_mean: Mean
    belligerent_prior_sd: Sd
    mediator_prior_mean: Mean
    mediator_prior_sd: Sd
    bloc_prior_mean: Mean
    bloc_shared_sd: Sd
    bloc_own_sd: Sd
    error_sd: dict[str, Sd]
    firmness_factor: dict[str, Sd]
    shared_error: Share
    stated_line_prior_sd: Sd
    red_line_posture_mean: Mean
    red_line_posture_sd: Sd
    flexibility_slack_mean: Mean
    flexibility_slack_sd: Sd
    unspoken_shift_mean: Mean
    unspoken_shift_sd: Sd
    weight_base: Sd
    weight_per_salience: Mean
    weight_total: Sd

    @model_validator(mode="after")
    def _complete(self) -> Measurement:
        for name, keys in (("error_sd", BASES), ("firmness_factor", ("1", "2", "3"))):
            if set(getattr(self, name)) != set(keys):
                raise ValueError(f"{name} must have just the keys {', '.join(keys)}")
        if self.shrink_low + self.shrink_span >= 1.0:
            raise ValueError("shrink_low + shrink_span must be below 1")
        if self.weight_per_salience < 0.0:
            raise ValueError("weight_per_salience must not be negative")
        return self

    def to_logit(self, position: float) -> float:
        """Take a coded position in 0..1, shrunk, to the logit scale."""
        p = self.shrink_low + self.shrink_span * position
        return float(np.log(p / (1.0 - p)))

    def to_share(self, logit: Floats | float) -> Floats:
        """Take logits back to the scale of the issue, clipped to 0..1."""
        p = 1.0 / (1.0 + np.exp(-np.asarray(logit, float)))
        return np.asarray(np.clip((p - self.shrink_low) / self.shrink_span, 0.0, 1.0))


def load_measurement(path: Path | None = None, conflict: Conflict | None = None) -> Measurement:
    """Read and check a conflict's ``measurement.toml``, or a file like it.

    Parameters
    ----------
    path
        The file; that of the conflict if None.
    conflict
        The shipped one if None.

    Raises
    ------
    CalibrationError
        Naming the file, the constant and what is wrong with it.
    """
    path = path or (conflict or shipped()).calibration / "measurement.toml"
    return load_toml(path, Measurement, CalibrationError)


# ------------------------------------------------------------------------- the closed form


@dataclass(frozen=True)
class Posterior:
    """A Gaussian posterior of some unknowns given some rows.

    Attributes
    ----------
    mean, covariance
        Of the unknowns, shapes (unknowns,) and (unknowns, unknowns).
    gain
        Change of each mean for a change of one in each row, shape (unknowns, rows).
    surprise
        Each row less what the prior expected of it.
    without
        The means had a row not been there, shape (unknowns, rows).
    """

    mean: Floats
    covariance: Floats
    gain: Floats
    surprise: Floats
    without: Floats


def condition(prior: Floats, spread: Floats, design: Floats, noise: Floats, y: Floats) -> Posterior:
    """Condition a Gaussian N(prior, spread) on ``y = design theta + N(0, noise)``.

    ``without[:, i]`` is the mean given all rows but the i-th, in closed form.
    """
    precision = np.linalg.inv(design @ spread @ design.T + noise)
    gain = spread @ design.T @ precision
    surprise = y - design @ prior
    mean = prior + gain @ surprise
    left_out = precision @ surprise / np.diag(precision)
    return Posterior(
        mean, spread - gain @ design @ spread, gain, surprise, mean[:, None] - gain * left_out
    )


def error_covariance(rows: Sequence[Statement], measurement: Measurement) -> Floats:
    """Covariance of the rows' errors: rows of one article, holder and issue share a part."""
    sd = np.array([error_sd(row, measurement) for row in rows])
    group = [(row.article, row.holder, row.issue) for row in rows]
    same = np.array([[a == b for b in group] for a in group]).reshape(len(rows), len(rows))
    shared = np.where(same, measurement.shared_error**2, 0.0)
    np.fill_diagonal(shared, 1.0)
    return np.asarray(shared * np.outer(sd, sd))


def error_sd(row: Statement, measurement: Measurement) -> float:
    """Return the sd of a row's error, in logits, by its basis and firmness."""
    factor = measurement.firmness_factor[str(row.firmness)]
    return measurement.error_sd[row.basis] * factor


# ------------------------------------------------------------------------- shares


@dataclass(frozen=True)
class Weight:
    """An issue's share among a holder's issues: mean and central 90 % interval of a draw."""

    alpha: float
    mean: float
    low: float
    high: float


def weight_of(alpha: float, rest: float) -> Weight:
    """Return a Dirichlet share whose rivals sum to ``rest``; infinite where it plays no part."""
    if np.isinf(rest):
        return Weight(alpha, 0.0, 0.0, 0.0)
    return Weight(alpha, alpha / (alpha + rest), *beta_interval(alpha, rest))


def beta_interval(a: float, b: float) -> tuple[float, float]:
    """Central 90 % interval of Beta(a, b), for b of at least 1.

    By the trapezium rule in ``t = x^a``, where the density has no pole at 0; SciPy would cost
    more time to import than all the rest.
    """
    t = np.linspace(0.0, 1.0, 20_001)
    x = t ** (1.0 / a)
    density = (1.0 - x) ** (b - 1.0)
    below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    low, high = np.interp([TAIL, 1.0 - TAIL], below / below[-1], t) ** (1.0 / a)
    return float(low), float(high)
