"""What each of many worlds is to be: under which levers, with which member, on which luck."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE, WORLDS_PER_MEMBER
from sim.engine.dtypes import Ints, dtype_of
from sim.engine.scratch import Anew


class Case:
    """One world of `sim.engine.world.run_cases`."""

    agenda: int
    """Which of the agendas."""
    member: int
    world: int
    """The address of its luck: worlds of one seed and address meet the same luck."""
    anew: Anew


CASE = dtype_of(Case)


def new_cases(count: int) -> NDArray[np.void]:
    """Return so many cases, all zero, with no luck thrown anew."""
    cases = np.zeros(count, CASE)
    cases["anew"]["part"] = NONE
    return cases


def near_order(cases: NDArray[np.void]) -> Ints:
    """Return the order in which cases are best run: those of one member and luck side by side.

    A member's record then stays at hand, and much repeats from one policy to the next.

    Examples
    --------
    >>> cases = new_cases(4)
    >>> cases["member"], cases["world"] = [0, 1, 0, 1], [0, 4, 0, 4]
    >>> near_order(cases).tolist()
    [0, 2, 1, 3]
    """
    order: Ints = np.lexsort((cases["world"], cases["member"]))
    return order


def consecutive(first_world: int, count: int, members: int) -> NDArray[np.void]:
    """Return the cases of consecutive worlds: world w uses member (w // 4) mod ``members``."""
    cases = new_cases(count)
    cases["world"] = first_world + np.arange(count)
    cases["member"] = cases["world"] // WORLDS_PER_MEMBER % members
    return cases
