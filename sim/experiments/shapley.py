"""Shapley shares: what each of several changes adds, averaged over the orders in which they come.

Source: Shapley 1953, 'A value for n-person games'; interactions after Grabisch and Roubens 1999,
'An axiomatic approach to the concept of interaction among players in cooperative games'.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from sim.engine.dtypes import Floats, Ints


def all_sets(number: int) -> Ints:
    """Return every subset of so many changes; bit n of a set is change n."""
    return np.arange(2**number)


def share_weights(number: int) -> Ints:
    """Return what turns the values of all sets into shares, in whole parts of ``number!``.

    Returns
    -------
    Ints
        Shape (number, 2**number): ``share_weights(k) @ values / k!`` are the shares, which sum to
        the value of the full set less that of the empty one.

    Examples
    --------
    >>> share_weights(2) @ [0, 3, 1, 10] / 2  # the second adds 1 alone and 7 after the first
    array([6., 4.])
    """
    sets = all_sets(number)
    size = np.bitwise_count(sets).astype(np.int64)
    before = np.array([factorial(n) * factorial(number - n - 1) for n in range(number)] or [0])
    weights = np.zeros((number, len(sets)), np.int64)
    for n in range(number):
        within = (sets >> n & 1).astype(bool)
        weights[n, within] = before[size[within] - 1]
        weights[n, ~within] = -before[size[~within]]
    return weights


def interaction_weights(number: int) -> tuple[list[tuple[int, int]], Floats]:
    """Return the pairs of changes, and what turns the values of all sets into their interactions.

    The interaction of two changes is what both add together beyond what each adds alone, averaged
    over the orders in which the others come.

    Returns
    -------
    list, Floats
        The pairs, and an array of shape (pairs, 2**number).

    Examples
    --------
    >>> interaction_weights(2)[1] @ [0, 3, 1, 10]
    array([6.])
    """
    sets = all_sets(number)
    size = np.bitwise_count(sets).astype(np.int64)
    pairs = [(a, b) for a in range(number) for b in range(a + 1, number)]
    weights = np.zeros((len(pairs), len(sets)))
    for row, (a, b) in enumerate(pairs):
        there = (sets >> a & 1) + (sets >> b & 1)
        others = size - there
        share = [factorial(n) * factorial(number - n - 2) for n in range(number - 1)]
        weights[row] = np.where(there == 1, -1, 1) * np.array(share)[others]
    return pairs, weights / factorial(max(number - 1, 0))


def chains(orders: Ints) -> Ints:
    """Return the sets met when changes come one by one in each order: from none to all.

    Parameters
    ----------
    orders
        Shape (rows, number): a permutation of the changes a row.

    Returns
    -------
    Ints
        Shape (rows, number + 1).
    """
    none = np.zeros((len(orders), 1), np.int64)
    return np.concatenate([none, np.cumsum(1 << orders.astype(np.int64), axis=1)], axis=1)


def chain_shares(orders: Ints, values: Floats) -> Floats:
    """Return what each change adds along its chain, shape (rows, number).

    Parameters
    ----------
    orders, values
        As of `chains`; the values of its sets.
    """
    shares = np.zeros(orders.shape)
    np.put_along_axis(shares, orders, np.diff(values, axis=1), axis=1)
    return shares
