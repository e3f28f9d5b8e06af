"""Tensor products of orthonormal functions of the axes: what outcomes are regressed on.

A range has shifted Legendre polynomials, a list of k choices the k - 1 cosines that are orthonormal
under equal weights. Each function but the constant has mean 0 and variance 1, and so has each
product of functions of different axes; all products are uncorrelated. The variance of a function
of the axes is therefore the sum of the squares of its coefficients, shared out to sets of axes
(Sudret 2008).

Products come in an order in which each degree extends the one before, so that a fit of a lower
degree needs no more than the first rows and columns of the moments of a higher one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError

MOST_TERMS = 640
"""With eight ranges: all products up to degree 4, of two axes up to 5, of one axis up to 8."""
MOST_DEGREE = 10


class Term(NamedTuple):
    """A product: the product before it, times one more function.

    Attributes
    ----------
    axes
        The axes on which it depends, rising.
    functions
        Which function of each of them, from 1.
    """

    axes: tuple[int, ...]
    functions: tuple[int, ...]


class Basis(NamedTuple):
    """Terms in the order of rising degree.

    Attributes
    ----------
    choices
        By axis, how many choices it has; 0 for a range.
    terms
        The first is the constant.
    degrees, counts, orders
        By step of the fit: its degree, how many of the terms it has, and how many axes the terms
        of that degree join at most.
    """

    choices: tuple[int, ...]
    terms: tuple[Term, ...]
    degrees: tuple[int, ...]
    counts: tuple[int, ...]
    orders: tuple[int, ...]

    def matrix(self, shares: Floats) -> NDArray[np.float32]:
        """Return the value of each term at each point, shape (terms, points).

        In single precision: its error is a thousandth of that of the estimates, and products of
        such matrices take half the time.

        Parameters
        ----------
        shares
            Shape (points, axes), shares of the way.
        """
        place = {term: at for at, term in enumerate(self.terms)}
        highest = np.zeros(len(self.choices), np.int64)
        for term in self.terms:
            for axis, function in zip(*term, strict=True):
                highest[axis] = max(highest[axis], function)
        columns = zip(shares.T, self.choices, highest.tolist(), strict=True)
        single = [
            _functions(column, choices, number).astype(np.float32)
            for column, choices, number in columns
        ]
        values = np.empty((len(self.terms), len(shares)), np.float32)
        values[0] = 1.0
        for at, (axes, functions) in enumerate(self.terms[1:], start=1):
            before = values[place[Term(axes[:-1], functions[:-1])]]
            np.multiply(before, single[axes[-1]][functions[-1]], out=values[at])
        return values

    def shared_out(self) -> Floats:
        """Return the weight of each term in shares of its axes, shape (3, axes, terms).

        First-order shares count the terms of the axis alone, total shares all that depend on it,
        and Shapley shares these in equal parts with the other axes of the term (Owen 2014).
        """
        weights = np.zeros((3, len(self.choices), len(self.terms)))
        for at, term in enumerate(self.terms):
            axes = list(term.axes)
            if axes:
                weights[0, axes, at] = float(len(axes) == 1)
                weights[1, axes, at] = 1.0
                weights[2, axes, at] = 1.0 / len(axes)
        return weights


def basis_of(choices: Sequence[int], most_terms: int = MOST_TERMS) -> Basis:
    """Return the terms of as high a degree as their number allows.

    Where all terms of a degree would be too many, those that join the most axes are left out, in
    that degree and all higher ones.

    Parameters
    ----------
    choices
        By axis, how many choices it has; 0 for a range.

    Raises
    ------
    ScenarioError
        If the terms of degree 1 are too many.
    """
    numbers = [[k - 1] if k else [1] * MOST_DEGREE for k in choices]
    most = MOST_DEGREE if 0 in choices else len(choices)
    counted = _counts(numbers, most)
    if counted[1, 1] >= most_terms:
        what = f"the axes have {counted[1, 1]} values and choices to tell apart."
        raise ScenarioError("vary", what, f"Give fewer than {most_terms} in all.")
    terms, order = [Term((), ())], len(choices)
    degrees, sizes, orders = [], [], []
    for degree in range(1, most + 1):
        before = len(terms)
        for joined in range(1, min(order, degree) + 1):
            if len(terms) + counted[degree, joined] > most_terms:
                order = joined - 1
                break
            terms += _terms(numbers, degree, joined)
        if len(terms) > before:
            degrees.append(degree)
            sizes.append(len(terms))
            orders.append(min(order, degree))
    return Basis(tuple(choices), tuple(terms), tuple(degrees), tuple(sizes), tuple(orders))


def _counts(numbers: list[list[int]], most: int) -> Ints:
    """Count terms by degree and number of axes joined; counts past any use are cut."""
    counted = np.zeros((most + 1, len(numbers) + 1), np.int64)
    counted[0, 0] = 1
    for axis in numbers:
        more = counted.copy()
        for degree, functions in enumerate(axis[:most], start=1):
            more[degree:, 1:] += functions * counted[: most + 1 - degree, :-1]
        counted = np.minimum(more, 10**9)
    return counted


def _terms(numbers: list[list[int]], degree: int, joined: int) -> Iterator[Term]:
    """The terms of a degree that join so many axes."""
    for axes in itertools.combinations(range(len(numbers)), joined):
        highest = degree - joined + 1
        for parts in itertools.product(
            *(range(1, min(len(numbers[axis]), highest) + 1) for axis in axes)
        ):
            if sum(parts) != degree:
                continue
            every = (
                range(part, part + numbers[axis][part - 1])
                for axis, part in zip(axes, parts, strict=True)
            )
            for functions in itertools.product(*every):
                yield Term(axes, functions)


def _functions(shares: Floats, choices: int, number: int) -> Floats:
    """The constant and the first orthonormal functions of one axis, shape (number + 1, points)."""
    values = np.ones((number + 1, len(shares)))
    if choices:
        angle = (np.floor(shares * choices) + 0.5) * (math.pi / choices)
        for at in range(1, number + 1):
            values[at] = math.sqrt(2.0) * np.cos(at * angle)
        return values
    place = 2.0 * shares - 1.0
    if number:
        values[1] = place
    for at in range(2, number + 1):
        values[at] = ((2 * at - 1) * place * values[at - 1] - (at - 1) * values[at - 2]) / at
    values *= np.sqrt(2.0 * np.arange(number + 1) + 1.0)[:, None]
    return values
