"""What is wanted of a package: what is to be high, what must be met, and what must be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.bounds import Bound, bound_of, check_share
from sim.errors import ScenarioError
from sim.inputs.roles import Roles
from sim.outcomes import OUTCOMES
from sim.text import near_name, shown

ROBUST = ("mean", "worst-quarter", "regret")
"""Whose odds count: of all members, of the quarter in which they are lowest, or what is missed."""
NO_CONDITION = "none"
"""What `--where` says to take the default conditions away."""
COST, WORSE_OFF, AIM = "cost", "worse_off", "aim"
"""All costs; the worth to the side that gains less; the robust form of the odds."""

MET, OPEN, MISSED = "met", "cannot be told", "not met"
"""What the dice say of a condition; `OPEN` if the 95 % interval holds the bound."""


class Aims(NamedTuple):
    """What is wanted of a package.

    Attributes
    ----------
    outcome
        The outcome whose odds are told.
    objectives
        What is to be high, or of costs low: an outcome, ``worth_`` and a side, `COST`, or ``cost_``
        and a payer. Worths are changes from the scenario as it stands. By the first, packages are
        ranked.
    robust
        One of `ROBUST`: the odds that count as an objective.
    where
        Conditions that a package must meet.
    reach
        A condition that the cheapest packages are sought for, if any is.
    sides, payers
        The ids of the sides, and of those to whom something has a cost.
    """

    outcome: str
    objectives: tuple[str, ...]
    robust: str
    where: tuple[Bound, ...]
    reach: Bound | None
    sides: tuple[str, str]
    payers: tuple[str, ...]

    @property
    def primary(self) -> str:
        """By what packages are ranked: the first objective, or how cheap they are."""
        if self.reach is not None:
            return COST if self.payers else WORSE_OFF
        return self.high(self.objectives[0])

    @property
    def maximised(self) -> tuple[str, ...]:
        """The objectives, the odds in their robust form."""
        return tuple(self.high(name) for name in self.objectives)

    def high(self, name: str) -> str:
        """Return an objective, the odds in their robust form."""
        return AIM if name in OUTCOMES and self.robust != ROBUST[0] else name

    @property
    def conditions(self) -> tuple[Bound, ...]:
        """All that must be met."""
        return self.where if self.reach is None else (*self.where, self.reach)

    @property
    def quantities(self) -> tuple[str, ...]:
        """All that has to be measured, each once."""
        bounded = (one.quantity for one in self.conditions)
        both = self.worths if self.primary == WORSE_OFF else ()
        return tuple(dict.fromkeys([self.primary, *self.maximised, *bounded, *both]))

    @property
    def worths(self) -> tuple[str, ...]:
        """The worth to each side, as a quantity."""
        return tuple(f"worth_{side}" for side in self.sides)


def is_cost(name: str) -> bool:
    """Whether a quantity is a cost, so that less is better."""
    return name == COST or name.startswith("cost_")


def aims_of(given: Mapping[str, Any], conflict: Roles, payers: Sequence[str]) -> Aims:
    """Check what is wanted.

    Parameters
    ----------
    given
        ``objective``, ``robust``, ``where`` and ``reach``, as of `sim.optimise`.
    payers
        Those of the user's costs.

    Raises
    ------
    ScenarioError
        If there is no such objective, quantity or form.
    """
    sides = conflict.side_ids
    worths = [f"worth_{side}" for side in sides]
    costs = [COST, *(f"cost_{payer}" for payer in payers)] if payers else []
    there = [*OUTCOMES, *worths, *costs]
    named = _listed(given.get("objective"))
    outcomes = [name for name in named if name in OUTCOMES]
    outcome = outcomes[0] if outcomes else "held"
    objectives = named or [outcome, *worths, *costs[:1]]
    for name in objectives:
        if name not in there:
            raise ScenarioError("objective", *_none(name, there, bool(payers)))
    if len(outcomes) > 1 or len(set(objectives)) < len(objectives):
        what = f"{', '.join(objectives)} has more than one outcome, or one twice."
        raise ScenarioError("objective", what, "Name one outcome, and others with --where.")
    robust = given.get("robust") or ROBUST[0]
    if robust not in ROBUST:
        raise ScenarioError(
            "robust", f"{shown(robust)} is none.", f"There are: {', '.join(ROBUST)}."
        )
    reach = given.get("reach")
    wanted = None if reach is None else _bound(reach, there, "reach")
    texts = _conditions(given.get("where"))
    if texts is None:
        texts = [] if wanted else [f"{worth}>=0" for worth in worths]
    where = tuple(_bound(text, there, "where") for text in texts)
    return Aims(outcome, tuple(objectives), robust, where, wanted, sides, tuple(payers))


def _bound(text: Any, there: Sequence[str], where: str) -> Bound:
    bound = bound_of(text, there, where)
    return check_share(bound, where) if bound.quantity in OUTCOMES else bound


def _listed(given: Any) -> list[str]:
    """Names that are given as a list, or as one text with commas."""
    if given is None:
        return []
    names = given.split(",") if isinstance(given, str) else list(given)
    return [str(name).strip() for name in names]


def _conditions(given: Any) -> list[Any] | None:
    """Conditions that are given one by one or as a list; None for the default ones."""
    if given is None:
        return None
    texts = [given] if isinstance(given, str) else list(given)
    return [text for text in texts if text != NO_CONDITION]


def _none(name: str, there: Sequence[str], costs: bool) -> tuple[str, str]:
    close = near_name(name, there)
    near = f"Did you mean {close}? " if close else ""
    todo = f"{near}There are: {', '.join(there)}."
    if is_cost(name) and not costs:
        todo = (
            "Say what things cost: --costs FILE; `truce optimise --template` writes one to fill in."
        )
    return f"{shown(name)} is none.", todo
