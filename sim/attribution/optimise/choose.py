"""Which packages go on: those that rank highest, those that move few levers, and the front."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.attribution.optimise.aims import Aims
from sim.attribution.optimise.measure import Measured
from sim.attribution.optimise.packages import Space
from sim.engine.dtypes import Floats, Ints

_LOOK = 8
"""Among how many times as many packages those that are not alike are looked for."""
FEW = (1, 2, 3)
"""The best that moves no more levers than this goes on, too."""


def ranked(seen: Measured, aims: Aims, margin: float = 0.0) -> list[int]:
    """Return packages, the best first: those that meet all conditions, by the first objective.

    Those that do not meet them follow, the least in breach first. Of equal ones that which moves
    the fewest levers is first.

    Parameters
    ----------
    margin
        How many standard errors a condition must be met by.
    """
    breach = breaches(seen, aims, margin)
    first = seen.high(aims.primary)
    found: list[int] = np.lexsort(((seen.rows > 0).sum(axis=1), -first, breach)).tolist()
    return found


def breaches(seen: Measured, aims: Aims, margin: float = 0.0) -> Floats:
    """Return by how much each package fails the conditions, in standard deviations; 0 if not."""
    breach = np.zeros(len(seen.rows))
    for bound in aims.conditions:
        short = np.maximum(0.0, -seen.slack(bound, margin))
        breach += short / (float(seen.values[bound.quantity].std()) or 1.0)
    return breach


def front(high: Floats) -> NDArray[np.bool_]:
    """Return which packages no other beats.

    Parameters
    ----------
    high
        Shape (packages, objectives), more is better.

    Examples
    --------
    >>> front(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.5]]))
    array([ True,  True, False])
    """
    left = np.argsort(-high.sum(axis=1), kind="stable")  # what beats much comes first
    kept = np.zeros(len(high), bool)
    while len(left):
        one = left[0]
        kept[one] = True
        gone = (high[one] >= high[left]).all(axis=1) & (high[one] > high[left]).any(axis=1)
        gone[0] = True
        left = left[~gone]
    return kept


def chosen(seen: Measured, aims: Aims, space: Space, number: int, margin: float = 0.0) -> list[int]:
    """Return the packages that go on, the best first.

    A third of them rank highest, and are not alike; the best that move one, two or three levers are
    among them; the others lie as far apart as they can on the front, then on the front
    behind it.
    """
    order = ranked(seen, aims, margin)
    keep = dict.fromkeys(order[:1])
    for n in order[: _LOOK * number]:
        if len(keep) >= number // 3:
            break
        if not space.alike(seen.rows[list(keep)], seen.rows[n]).any():
            keep[n] = None
    moved = (seen.rows > 0).sum(axis=1)
    for most in FEW:
        keep |= dict.fromkeys([n for n in order if 0 < moved[n] <= most][: max(1, number // 16)])
    high = np.stack([seen.high(name) for name in aims.maximised], axis=1)
    may = np.array(order)[breaches(seen, aims, margin)[order] == 0.0]
    for n in _spread_out(high, may, list(keep)):
        if len(keep) >= number:
            break
        keep[n] = None
    for n in order:
        if len(keep) >= number:
            break
        keep[n] = None
    place = {n: at for at, n in enumerate(order)}
    return sorted(list(keep)[:number], key=lambda n: place[n])


def _spread_out(high: Floats, may: Ints, there: list[int]) -> Iterator[int]:
    """Packages of the front, each as far as it can be from those before; then of the next front."""
    scale = high.std(axis=0)
    scale[scale == 0.0] = 1.0
    points = high / scale
    left = may
    while len(left):
        first = front(high[left])
        now, left = left[first], np.sort(left[~first])
        away = _distance(points, now, there)
        for _ in range(len(now)):
            far = int(away.argmax())
            if away[far] <= 0.0:
                break
            n = int(now[far])
            there.append(n)
            yield n
            away = np.minimum(away, _distance(points, now, [n]))
            away[far] = -1.0


def _distance(points: Floats, some: Ints, to: list[int]) -> Floats:
    """How far each of some points is from the closest of others, infinite if there are none."""
    apart = np.linalg.norm(points[some][:, np.newaxis] - points[to], axis=2)
    distance: Floats = apart.min(axis=1, initial=np.inf)
    return distance
