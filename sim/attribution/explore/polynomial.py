"""Polynomials of a few levers: their terms, in an order that a page and a fit share."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from sim.engine.dtypes import Floats

CUBIC = 3
"""All products of so many levers, or of fewer, are terms."""
HIGHEST = 6
"""Powers of a lever alone go on so far: along one lever odds bend more than together."""
QUADRATIC = 2
"""Degree of the polynomial by which the error is told."""

Term = tuple[int, ...]
"""The places of the levers that are multiplied; one that stands twice is squared."""


def products(levers: int, degree: int) -> tuple[Term, ...]:
    """Return all terms up to a degree: the constant first, then degree by degree.

    Examples
    --------
    >>> products(2, 2)
    ((), (0,), (1,), (0, 0), (0, 1), (1, 1))
    """
    each = (combinations_with_replacement(range(levers), n) for n in range(degree + 1))
    return tuple(term for terms in each for term in terms)


def terms(levers: int) -> tuple[Term, ...]:
    """Return the terms of a fit: all up to the third degree, then higher powers of each lever.

    Examples
    --------
    >>> terms(1)
    ((), (0,), (0, 0), (0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0))
    >>> len(terms(6)), terms(2)[-2:]
    (102, ((0, 0, 0, 0, 0, 0), (1, 1, 1, 1, 1, 1)))
    """
    powers = [(n,) * m for m in range(CUBIC + 1, HIGHEST + 1) for n in range(levers)]
    return (*products(levers, CUBIC), *powers)


def columns(t: Floats, of: tuple[Term, ...]) -> Floats:
    """Return the value of each term, shape (terms, ...).

    Parameters
    ----------
    t
        Where each lever is on its range, from -1 to 1, shape (levers, ...).
    of
        Terms; each one's beginning is a term before it.
    """
    found = np.empty((len(of), *t.shape[1:]))
    place: dict[Term, int] = {}
    for n, term in enumerate(of):
        place[term] = n
        if term:
            np.multiply(found[place[term[:-1]]], t[term[-1]], out=found[n])
        else:
            found[n] = 1.0
    return found


def logistic(x: Any) -> Floats:
    """Return the chance whose logit is given.

    Examples
    --------
    >>> logistic(np.array([0.0, -800.0]))
    array([0.5, 0. ])
    """
    small = np.exp(-np.abs(x))
    found: Floats = np.where(np.asarray(x) < 0.0, small, 1.0) / (1.0 + small)
    return found


def rounded(numbers: Floats) -> tuple[float, ...]:
    """Return numbers to seven digits, as a document has them."""
    return tuple(float(f"{number:.7g}") for number in numbers.tolist())
