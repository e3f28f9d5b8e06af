"""How much of the spread of the members' odds would go if one learned a number, or a group of them.

Members' odds are regressed on the ranks of their numbers, each with its square (Legendre's first
and second polynomial of the rank), so that a relation that rises and falls again is seen. Numbers
are chosen and fitted on nine tenths of the distinct members, and what they explain is measured on
the tenth that is left, each in turn: luck of the sample that looks like an effect is not met again
there. Copies of a member stay together. What is explained is shared out by the average over orders
of entry (Shapley 1953; Lindeman, Merenda and Gold 1980), which sums to the whole however numbers
hang together, and is divided by the variance of the members' own odds, luck taken out.
Errors are those of a jackknife that leaves out each tenth and does all of it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.attribution.cross_fit import CrossFit, Distinct, jackknife_error, polynomials
from sim.attribution.numbers import numbers_of
from sim.engine.dtypes import Floats
from sim.errors import StoreError
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import Ensemble, columns_of

FEWEST = 1000
"""Distinct members with several worlds below which no share of their numbers is worth telling."""
_T = 2.262157162740992
"""97.5 % point of Student's t with 9 degrees of freedom, one less than blocks."""
_ALIKE = 1e-6


@dataclass(frozen=True)
class Share:
    """What learning a number, or a group of numbers, would explain.

    Attributes
    ----------
    name
        Of the unit: a number or a group.
    share
        Of the variance of the members' own odds, luck taken out, measured on members that took no
        part in the fit. It may be a little below 0 where nothing is explained.
    error
        Standard error over distinct members.
    interval
        Central 95 %.
    """

    name: str
    share: float
    error: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Shares:
    """The shares of all units.

    Attributes
    ----------
    members, distinct
        Members with a world, and how many of them differ.
    worlds
        Theirs together.
    mean, spread
        Of the members' own odds, luck taken out of the spread (a standard deviation).
    explained
        What all units explain together; the shares sum to it.
    shares
        A unit each, the largest first; units with equal shares are in the order given.
    entered
        For each number that entered a fit, in how many of the ten fits it did.
    smallest
        About the smallest share with which a number enters: a share of 0 means that nothing above
        it was found, not that there is nothing.
    """

    members: int
    distinct: int
    worlds: int
    mean: float
    spread: float
    explained: Share
    shares: tuple[Share, ...]
    entered: Mapping[str, int]
    smallest: float


def learned(
    hits: ArrayLike,
    worlds: ArrayLike,
    ensemble: Ensemble,
    conflict: Conflict,
    units: Mapping[str, Sequence[str]] | None = None,
    where: str = "the members",
) -> Shares:
    """Say how much of what members disagree on would go if one learned some of their numbers.

    Parameters
    ----------
    hits, worlds
        By member of the ensemble: worlds in which something happens, and all worlds, by whatever
        way they were run. Luck must differ from member to member.
    ensemble
        The members.
    conflict
        Whose members they are.
    units
        For each group, columns of the ensemble, as `sim.attribution.groups.groups_of` has them;
        each number for itself if None.
    where
        What the odds are of, for messages.

    Returns
    -------
    Shares
        One for each unit; if ``units`` is None, one for each number of
        `sim.attribution.numbers.numbers_of`.

    Raises
    ------
    StoreError
        If too few members differ, or their odds do not differ beyond luck.
    ValueError
        If two units have the same column.

    Examples
    --------
    >>> from sim.attribution.groups import groups_of
    >>> from sim.inputs.conflict import shipped
    >>> groups = {group.name: columns for group, columns in groups_of(shipped()).items()}
    >>> groups["credibility of threats"][:2]
    ('severity.us', 'severity.europe')
    """
    used = np.flatnonzero(np.asarray(worlds) > 0)
    members, starts = ensemble.members[used], ensemble.starts[used]
    numbers = numbers_of(members, starts, conflict.bloc_ids)
    if units is not None:
        units = {
            unit: [name for name in numbers if name.partition(":")[0] in set(columns)]
            for unit, columns in units.items()
        }
    columns = columns_of(members, starts, conflict.bloc_ids)
    rows = np.array(list(columns.values()), float).T
    hits, worlds = np.asarray(hits)[used], np.asarray(worlds)[used]
    same = [row.tobytes() for row in rows]
    return cross_fitted_shares(hits, worlds, numbers, units, same, where)


def cross_fitted_shares(
    hits: ArrayLike,
    worlds: ArrayLike,
    numbers: Mapping[str, Floats],
    units: Mapping[str, Sequence[str]] | None = None,
    rows: Sequence[bytes] | None = None,
    where: str = "the members",
) -> Shares:
    """Share out the spread of the members' odds among numbers, or among groups of numbers.

    Parameters
    ----------
    hits, worlds
        By member, each with a world or more, shape (members,).
    numbers
        What members differ in, by name, each of shape (members,), finite and not the same for all.
    units
        For each unit, names of numbers; each number for itself if None. Numbers of no unit are not
        used; a unit without numbers has the share 0.
    rows
        By member, all that it is, alike for copies; its numbers if None.
    where
        What the odds are of, for messages.

    Raises
    ------
    StoreError
        If too few members differ, or their odds do not differ beyond luck.
    ValueError
        If a unit names a number that is not there, or two name the same.
    """
    units = {name: (name,) for name in numbers} if units is None else units
    homes = _homes(units, numbers)
    owners, terms = polynomials({name: numbers[name] for name in homes})
    if rows is None:
        rows = [row.tobytes() for row in np.array(list(numbers.values()), float).T]
    hits, worlds = np.asarray(hits, np.int64), np.asarray(worlds, np.int64)
    distinct = Distinct.of(hits, worlds, rows)
    between = _between(distinct, where)
    unit = np.array([homes[name] for name in owners], np.intp)
    fitted = CrossFit(distinct.sums(terms), distinct.squares(), unit, len(units))
    shares, errors = fitted.shares(between)
    told = [
        Share(name, float(share), float(error), _interval(float(share), float(error)))
        for name, share, error in zip((*units, "all"), shares, errors, strict=True)
    ]
    entered = [{owners[term] for term in fit.entered} for fit in fitted.fits]
    return Shares(
        members=len(hits),
        distinct=len(distinct.weight),
        worlds=int(worlds.sum()),
        mean=float(hits.sum() / worlds.sum()),
        spread=float(np.sqrt(between[0])),
        explained=told[-1],
        shares=tuple(sorted(told[:-1], key=lambda one: -one.share)),
        entered={name: n for name in homes if (n := sum(name in names for names in entered))},
        smallest=fitted.smallest(float(between[0]), float(shares[-1])),
    )


def _homes(units: Mapping[str, Sequence[str]], numbers: Mapping[str, Floats]) -> dict[str, int]:
    """The place of the unit to which each number belongs."""
    homes: dict[str, int] = {}
    for place, (unit, names) in enumerate(units.items()):
        for name in names:
            if name not in numbers:
                raise ValueError(f"unit '{unit}' names '{name}', which is no number")
            if name in homes:
                raise ValueError(f"'{name}' belongs to '{list(units)[homes[name]]}' and '{unit}'")
            homes[name] = place
    return homes


def _between(distinct: Distinct, where: str) -> Floats:
    """Variance of the members' odds with luck taken out: of all, then without each block."""
    if np.count_nonzero(distinct.worlds > 1) < FEWEST:
        what = f"used {len(distinct.weight):,} different members; {FEWEST:,} with several worlds "
        raise StoreError(
            where, f"{what}each are needed.", "Run it with more --worlds, such as 20000."
        )
    between = distinct.between()
    if between.min() <= _ALIKE or between[0] <= _T * jackknife_error(between[1:]):
        what = "has members whose odds of this outcome do not differ beyond luck."
        raise StoreError(where, what, "Ask for another --outcome.")
    return between


def _interval(share: float, error: float) -> tuple[float, float]:
    return share - _T * error, share + _T * error
