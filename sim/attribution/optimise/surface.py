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


class Surface:
    """Values fitted by ridge regression on terms.

    The penalty of each column of values is that with the smallest error when each package is left
    out in turn, which needs no second fit (Golub, Heath and Wahba 1979).

    Parameters
    ----------
    seen
        Terms of the packages that ran.
    values
        Shape (packages that ran, quantities).

    Attributes
    ----------
    errors
        By quantity, the error of a package that is left out.
    """

    def __init__(self, seen: Floats, values: Floats) -> None:
        self._middle, scale = seen.mean(axis=0), seen.std(axis=0)
        self._scale = np.where(scale > 1e-12, scale, np.inf)  # what does not vary tells nothing
        u, s, vt = np.linalg.svd((seen - self._middle) / self._scale, full_matrices=False)
        self._mean = values.mean(axis=0)
        along = u.T @ (values - self._mean)
        self._slope = np.zeros((seen.shape[1], values.shape[1]))
        self.errors = np.full(values.shape[1], np.inf)
        for penalty in _PENALTIES * len(seen):
            shrunk = s**2 / (s**2 + penalty)
            leverage = 1.0 / len(seen) + (u**2) @ shrunk
            residual = values - self._mean - u @ (shrunk[:, np.newaxis] * along)
            left_out = residual / np.maximum(1e-6, 1.0 - leverage)[:, np.newaxis]
            error = np.sqrt((left_out**2).mean(axis=0))
            better = error < self.errors
            self.errors[better] = error[better]
            weights = (s / (s**2 + penalty))[:, np.newaxis] * along[:, better]
            self._slope[:, better] = vt.T @ weights

    def at(self, terms: Floats) -> Floats:
        """Return the values at other packages, shape (packages, quantities)."""
        found: Floats = self._mean + ((terms - self._middle) / self._scale) @ self._slope
        return found
