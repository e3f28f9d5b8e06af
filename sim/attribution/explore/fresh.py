"""What worlds of their own do at fresh points: how far a formula is off, and how it is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.attribution.explore.design import BITS, places
from sim.attribution.explore.fit import Fit
from sim.attribution.explore.levers import Part
from sim.attribution.explore.polynomial import QUADRATIC, columns, logistic, products, terms
from sim.engine.dtypes import Floats, Ints
from sim.estimates import Z, member_error, member_quantiles
from sim.experiments.axes import Axis
from sim.experiments.kernel import Kernel
from sim.experiments.moved import along
from sim.inputs.scenario import Scenario
from sim.outcomes import hits_of
from sim.progress import Progress

POINTS = 64
"""Fresh points at which a formula is measured, and others at which it is checked."""
_WIDTHS = 1_024
"""Points through which the formula of the error goes."""
_LEAST = 1e-9
_LOW, _HIGH = 0.05, 0.95


def points_of(levers: int, number: int, seed: Sequence[int]) -> Floats:
    """Return points that are spread evenly, shares of the way, shape (number, levers)."""
    from scipy.stats import qmc

    engine = qmc.Sobol(levers, bits=BITS, rng=np.random.default_rng([*seed]))
    drawn: Floats = engine.random_base2(max(0, number - 1).bit_length())[:number]
    return drawn


def terms_at(axes: Sequence[Axis], shares: Floats, quadratic: bool = False) -> Floats:
    """Return the value of each term at points, shape (terms, points)."""
    where = np.array([places(axis, each) for axis, each in zip(axes, shares.T, strict=True)])
    of = products(len(axes), QUADRATIC) if quadratic else terms(len(axes))
    return columns(where, of)


class Seen(NamedTuple):
    """What worlds did at points.

    Attributes
    ----------
    hits, worlds
        In how many worlds a truce held by point and member, shape (points, members); and in how
        many it could, by member.
    ensemble
        The members there are, used or not.
    """

    hits: Ints
    worlds: Ints
    ensemble: int

    @property
    def held(self) -> Floats:
        """The odds at each point."""
        found: Floats = self.hits.sum(1) / self.worlds.sum()
        return found

    @property
    def variance(self) -> Floats:
        """Of these odds, by the dice."""
        return np.array([member_error(row, self.worlds, self.ensemble) for row in self.hits])

    @property
    def members(self) -> Floats | None:
        """Ends of the central 90 % of the members' own odds, shape (points, 2)."""
        found = [member_quantiles(row, self.worlds) for row in self.hits]
        there = [(one[0], one[2]) for one in found if one is not None]
        return np.array(there) if len(there) == len(found) else None


class Look(NamedTuple):
    """Runs consecutive worlds at points."""

    kernel: Kernel
    scenario: Scenario
    worlds: int
    first: int
    report: Progress | None = None

    def at(self, part: Part, shares: Floats) -> Seen:
        """Return what the worlds do at points of a part."""
        where = np.zeros((len(shares), len(part.axes)))
        where[:, : shares.shape[1]] = shares
        agendas = along(self.scenario, part.axes, where)
        grid = self.kernel.grid(agendas, self.worlds, self.first, self.report)
        held = hits_of(grid.ended, "held")
        members = len(self.kernel.ensemble)
        hits = np.array([np.bincount(grid.member, row, members) for row in held]).astype(np.int64)
        worlds = np.bincount(grid.member, minlength=members)
        used = worlds > 0
        return Seen(hits[:, used], worlds[used], members)


def beyond_dice(fit: Fit, x: Floats, seen: Seen) -> float:
    """Return by how much a fit of `held` is off beyond all dice, for ``p (1 - p)`` of 1.

    The square of what is off at fresh points, less the variance of the fit and of what was seen
    there, is the lack of fit; it is taken to go with the variance of a share. It is itself known
    from these few points alone, so that its standard error is added: intervals that are too narrow
    do more harm than those that are a little too wide.
    """
    p = logistic(fit.at(x))
    by_dice = (p * (1.0 - p) * fit.error(x)) ** 2 + seen.variance
    beyond = (p - seen.held) ** 2 - by_dice
    error = float(beyond.std()) / math.sqrt(len(beyond))
    typical = max(_LEAST, float((p * (1.0 - p)).mean()))
    return max(0.0, float(beyond.mean()) + error) / typical


def widths(fit: Fit, axes: Sequence[Axis], lack: float, seed: int) -> Floats:
    """Return a polynomial of the second degree: the logarithm of half the 95 % interval of `held`.

    Parameters
    ----------
    lack
        Of `beyond_dice`.
    """
    shares = points_of(len(axes), _WIDTHS, (seed, 2))
    x = terms_at(axes, shares)
    p = logistic(fit.at(x))
    share = p * (1.0 - p)
    half = Z * np.sqrt((share * fit.error(x)) ** 2 + lack * share)
    logs = np.log(np.maximum(half, _LEAST))
    found = np.linalg.lstsq(terms_at(axes, shares, True).T, logs, rcond=None)[0]
    return np.asarray(found, np.float64)


def members_interval(held: Floats, both: Floats) -> tuple[Floats, Floats]:
    """Return the central 90 % of the members' own odds: a beta distribution by its moments.

    Parameters
    ----------
    held
        The mean of the members' odds.
    both
        The mean of their squares.

    Examples
    --------
    >>> low, high = members_interval(np.array([0.5, 0.5]), np.array([1 / 3, 0.25]))
    >>> low.round(3), high.round(3)  # any odds are as likely; all members hold the same
    (array([0.05, 0.5 ]), array([0.95, 0.5 ]))
    """
    from scipy.special import betaincinv

    share = held * (1.0 - held)
    variance = np.clip(both - held**2, 0.0, share)
    alike = variance <= _LEAST * share
    size = np.maximum(share / np.where(alike, 1.0, variance) - 1.0, _LEAST)
    ends = (betaincinv(held * size, (1.0 - held) * size, end) for end in (_LOW, _HIGH))
    low, high = (np.where(alike, held, end) for end in ends)
    return low, high


class Checked(NamedTuple):
    """What a formula says at fresh points, and what worlds did there."""

    said: Floats
    half: Floats
    seen: Floats
    variance: Floats
    said_members: Floats
    seen_members: Floats | None

    @classmethod
    def together(cls, several: Sequence[Checked]) -> Checked:
        """Return the points of several parts as one."""
        members = [one.seen_members for one in several if one.seen_members is not None]
        return cls(
            np.concatenate([one.said for one in several]),
            np.concatenate([one.half for one in several]),
            np.concatenate([one.seen for one in several]),
            np.concatenate([one.variance for one in several]),
            np.concatenate([one.said_members for one in several]),
            np.concatenate(members) if len(members) == len(several) else None,
        )

    def as_dict(self, worlds: int) -> dict[str, Any]:
        """Return what comes of it as plain data.

        ``rmse`` is without the dice of the check's own worlds, ``largest`` with them, and of the
        intervals so many hold as is told by ``coverage``, the check's own dice counted in.
        """
        off = self.said - self.seen
        square = float((off**2).mean() - self.variance.mean())
        allowed = np.sqrt(self.half**2 + Z**2 * self.variance)
        apart = None
        if self.seen_members is not None:
            ends = np.abs(self.said_members - self.seen_members)
            apart = {"mean": float(ends.mean()), "largest": float(ends.max())}
        return {
            "points": len(off),
            "worlds": worlds,
            "rmse": float(np.sqrt(max(0.0, square))),
            "largest": float(np.abs(off).max()),
            "coverage": float((np.abs(off) <= allowed).mean()),
            "dice": float(np.sqrt(self.variance.mean())),
            "members": apart,
            "held_out": True,
        }
