"""Importance weights of drawn positions for other estimates than those they were drawn from.

Particles drawn from one set of estimates stand for another if each is weighed by the ratio of the
two densities; no world has to be run again. Where the two sets are far apart, the effective number
of particles is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, log_ndtr

from sim.engine.domain import SIDE_SIGN, VALUED, Issue, Side
from sim.engine.dtypes import Floats
from sim.evidence.positions import UNVALUED, Estimate, Positions
from sim.inputs.issues import ISSUES


@dataclass(frozen=True)
class DrawnPositions:
    """Draws of positions by particle, in the terms in which they were drawn.

    Attributes
    ----------
    ideal, conceded
        Logits, see `positions.draw_logits`, by particle, side and issue.
    weight
        As in `positions.Draws`.
    """

    ideal: Floats
    conceded: Floats
    weight: Floats


def log_ratio(drawn: DrawnPositions, now: Positions, other: Positions) -> Floats:
    """Return the log density of each draw under other estimates, less that under the present ones.

    Returns
    -------
    ndarray
        By particle; exactly 0 where no estimate of a side differs.
    """
    total = np.zeros(len(drawn.ideal))
    for side, holder in zip(Side, now.sides, strict=True):
        for k, issue in enumerate(ISSUES):
            cells = now.cell(holder, issue), other.cell(holder, issue)
            if cells[0].ideal != cells[1].ideal or cells[0].line != cells[1].line:
                before, after = (
                    _log_density(drawn, positions, side, k) for positions in (now, other)
                )
                total += after - before
        total += _log_shares(drawn.weight[:, side], _alpha(other, side), side)
        total -= _log_shares(drawn.weight[:, side], _alpha(now, side), side)
    return total


def _log_density(drawn: DrawnPositions, positions: Positions, side: Side, k: int) -> Floats:
    """Log density of an ideal and of the gap to its line, given that the gap is positive."""
    cell = positions.cell(positions.sides[side], ISSUES[k])
    ideal, conceded = drawn.ideal[:, side, k], drawn.conceded[:, side, k]
    line: Estimate | None = cell.line
    assert line is not None
    pole = float(SIDE_SIGN[side])
    wanted = pole * cell.ideal.mean
    if line.stated:
        gap, apart = wanted - pole * line.mean, float(np.hypot(cell.ideal.sd, line.sd))
        short = _log_normal(ideal - conceded, pole * line.mean, line.sd)
    else:
        m = positions.measurement
        gap, apart = m.unspoken_shift_mean, m.unspoken_shift_sd
        short = _log_normal(conceded, gap, apart)
    return np.asarray(
        _log_normal(ideal, wanted, cell.ideal.sd) + short - log_ndtr(gap / apart), float
    )


def _log_normal(x: Floats, mean: float, sd: float) -> Floats:
    return np.asarray(-0.5 * ((x - mean) / sd) ** 2 - np.log(sd))


def _alpha(positions: Positions, side: Side) -> Floats:
    cells = (positions.cell(positions.sides[side], issue) for issue in ISSUES)
    return np.array([cell.weight.alpha for cell in cells])


def _log_shares(weight: Floats, alpha: Floats, side: Side) -> Floats:
    """Log density of a Dirichlet draw as it is kept: shares of valued issues, and of the procedure.

    The shares among some of the issues do not depend on the share of the others, so the two parts
    multiply: a Dirichlet and a beta.
    """
    valued: NDArray[np.bool_] = np.arange(len(ISSUES)) < VALUED
    valued[UNVALUED[side]] = False
    a = alpha[valued]
    among = gammaln(a.sum()) - gammaln(a).sum() + np.log(weight[:, valued]) @ (a - 1.0)
    one, rest = alpha[Issue.TRUCE_TERMS], alpha.sum() - alpha[Issue.TRUCE_TERMS]
    share = weight[:, Issue.TRUCE_TERMS]
    procedure = gammaln(one + rest) - gammaln(one) - gammaln(rest)
    procedure = procedure + (one - 1.0) * np.log(share) + (rest - 1.0) * np.log1p(-share)
    return np.asarray(among + procedure, float)
