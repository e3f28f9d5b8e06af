"""Draws of the belligerents' ideals, red lines and issue weights from their estimates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.engine.domain import OFFERED, SIDE_SIGN, VALUED, Side
from sim.engine.dtypes import Floats
from sim.evidence.positions import Estimate, Positions, is_valued
from sim.inputs.issues import ISSUES


@dataclass(frozen=True)
class Draws:
    """Positions of ``n`` members: arrays (n, 2 sides, 8 issues) on 0..1.

    ``weight`` sums to 1 over the first seven issues, with 0 for what a side has at stake
    elsewhere (sanctions for R, guarantees for U); the eighth is the share of `truce_terms` among
    all eight, before it is dropped. ``mediator`` is where the mediator stands on the issues that
    can be offered, (n, offered).
    """

    ideal: Floats
    line: Floats
    weight: Floats
    mediator: Floats

    def fields(self) -> dict[str, Floats]:
        """Return them by the names that they have in a member."""
        return {
            "ideal": self.ideal,
            "red_line": self.line,
            "weight": self.weight,
            "mediator_position": self.mediator,
        }


def draw(positions: Positions, members: int, rng: np.random.Generator) -> Draws:
    """Draw the belligerents' positions and weights, independently across issues.

    Ideal and red line of a cell are drawn together, given that the line does not lie beyond the
    ideal on the holder's own side: a line more demanding than what one would like best makes no
    sense, and a firm line therefore informs the ideal too. Where no line was stated it follows
    the drawn ideal.

    Parameters
    ----------
    positions
        From `sim.evidence.positions.measure`.
    members
        How many draws.
    rng
        The source of luck.

    Returns
    -------
    Draws
        Sides in the order of `sim.engine.domain.Side`, issues in that of `sim.engine.domain.Issue`.
    """
    m = positions.measurement
    ideal, conceded = draw_logits(positions, members, rng)
    pole = SIDE_SIGN[:, None]
    line = m.to_share(pole * (ideal - conceded))
    weight = draw_weights(positions, members, rng)
    mediator = m.to_share(draw_mediator(positions, members, rng))
    return Draws(m.to_share(pole * ideal), line, weight, mediator)


def draw_mediator(positions: Positions, members: int, rng: np.random.Generator) -> Floats:
    """Draw, in logits, where the mediator stands on each issue that can be offered."""
    cells = [positions.cell(positions.mediator, issue).ideal for issue in ISSUES[:OFFERED]]
    mean, sd = np.array([[cell.mean, cell.sd] for cell in cells]).T
    return np.asarray(mean + sd * rng.standard_normal((members, OFFERED)))


def draw_logits(
    positions: Positions, members: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw ideals, in logits towards a side's own pole, and how far short of them its lines are."""
    m = positions.measurement
    ideals, lines = _estimates(positions)
    pole = SIDE_SIGN[:, None]
    stated = _of(lines, "stated") > 0.0
    wanted, spread = pole * _of(ideals, "mean"), _of(ideals, "sd") ** 2
    gap = np.where(stated, wanted - pole * _of(lines, "mean"), m.unspoken_shift_mean)
    apart = np.where(stated, spread + _of(lines, "sd") ** 2, m.unspoken_shift_sd**2)
    shape = (members, len(Side), len(ISSUES))
    conceded = _positive_normal(gap, np.sqrt(apart), rng.random(shape))
    share = np.where(stated, spread / apart, 0.0)  # of the gap that is the ideal's doing
    mean = wanted + share * (conceded - gap)
    ideal = mean + np.sqrt(spread * (1.0 - share)) * rng.standard_normal(shape)
    return ideal, conceded


def _positive_normal(mean: Floats, sd: Floats, uniform: Floats) -> Floats:
    """Turn uniform numbers in [0, 1) into draws of N(mean, sd) given that they are positive."""
    from scipy.special import ndtr, ndtri  # here, since no command that only reads needs it

    return np.asarray(mean - sd * ndtri((1.0 - uniform) * ndtr(mean / sd)))


def _estimates(positions: Positions) -> tuple[list[list[Estimate]], list[list[Estimate]]]:
    """List the ideals and the red lines of the two sides, issue by issue."""
    cells = [[positions.cell(holder, issue) for issue in ISSUES] for holder in positions.sides]
    ideals = [[cell.ideal for cell in row] for row in cells]
    return ideals, [[cell.line for cell in row if cell.line] for row in cells]


def _of(estimates: list[list[Estimate]], name: str) -> Floats:
    return np.array([[getattr(estimate, name) for estimate in row] for row in estimates], float)


def draw_weights(positions: Positions, members: int, rng: np.random.Generator) -> Floats:
    """Draw the issue weights of the two sides, as `Draws` has them."""
    cells = positions.cells
    alpha = [[cells[holder, issue].weight.alpha for issue in ISSUES] for holder in positions.sides]
    share = rng.standard_gamma(np.array(alpha), (members, len(Side), len(ISSUES)))
    share /= share.sum(axis=2, keepdims=True)
    for side in Side:
        share[:, side, :VALUED] *= is_valued(side)
    share[..., :VALUED] /= share[..., :VALUED].sum(axis=2, keepdims=True)
    return share
