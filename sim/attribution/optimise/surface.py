"""A smooth surface through what packages were seen to do, to guess which others are worth a look.

Nothing that is told comes from it: every package that is told has run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.engine.dtypes import Floats

_PENALTIES = np.logspace(-6, 4, 21)


def terms(features: Sequence[Floats], most: int) -> Floats:
    """Return polynomials of the columns of some levers, shape (packages, terms).

    The constant and the columns themselves come first, then squares, products of two levers, cubes
    and products of a square, as far as there is room.

    Parameters
    ----------
    features
        By lever, its columns, shape (packages, columns); the first is where it is on its range.
    most
        How many terms at most.
    """
    found: list[Floats] = [np.ones(len(features[0])), *np.concatenate(features, axis=1).T]
    for column in _higher(features):
        if len(found) >= most:
            break
        found.append(column)
    return np.stack(found, axis=1)


def _higher(features: Sequence[Floats]) -> Iterator[Floats]:
    first = [one[:, 0] for one in features]
    for column in first:
        yield column**2
    for n, one in enumerate(features):
        for other in features[n + 1 :]:
            for column in one.T:
                yield from (column[:, np.newaxis] * other).T
    for column in first:
        yield column**3
    for n, column in enumerate(first):
        for m, other in enumerate(first):
            if n != m:
                yield column**2 * other


def predicted(seen: Floats, values: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Fit values by ridge regression and return what they are elsewhere.

    The penalty of each column of values is that with the smallest error when each package is left
    out in turn, which needs no second fit (Golub, Heath and Wahba 1979).

    Parameters
    ----------
    seen, at
        Terms of the packages that ran, and of those to predict.
    values
        Shape (packages that ran, quantities).

    Returns
    -------
    Floats, Floats
        The predictions, shape (packages to predict, quantities), and by quantity the error of a
        package that is left out.
    """
    middle, scale = seen[:, 1:].mean(axis=0), seen[:, 1:].std(axis=0)
    use = scale > 1e-12
    inner = (seen[:, 1:][:, use] - middle[use]) / scale[use]
    outer = (at[:, 1:][:, use] - middle[use]) / scale[use]
    u, s, vt = np.linalg.svd(inner, full_matrices=False)
    mean = values.mean(axis=0)
    along = u.T @ (values - mean)
    best = np.full(values.shape[1], np.inf)
    fitted = np.zeros((len(at), values.shape[1]))
    for penalty in _PENALTIES * len(seen):
        shrunk = s**2 / (s**2 + penalty)
        leverage = 1.0 / len(seen) + (u**2) @ shrunk
        residual = values - mean - u @ (shrunk[:, np.newaxis] * along)
        left_out = (residual / np.maximum(1e-6, 1.0 - leverage)[:, np.newaxis]) ** 2
        error = np.sqrt(left_out.mean(axis=0))
        better = error < best
        best[better] = error[better]
        slope = vt.T @ ((s / (s**2 + penalty))[:, np.newaxis] * along[:, better])
        fitted[:, better] = mean[better] + outer @ slope
    return fitted, best
