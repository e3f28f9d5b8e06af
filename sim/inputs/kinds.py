"""The kinds of event that a row of ``events.csv`` may report, and what is made of each.

A kind is one line of `EVENT_KINDS`. One that is `paid` or `set` also has a rule in
`sim.calibrate.meanings.MEANINGS`, which says what is imposed; a kind without its rule is refused
when the evidence is checked. CONTRIBUTING.md has the steps for a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from sim.engine.domain import Public
from sim.engine.public import PUBLIC_EVENTS

DETAILS = (
    *("scope", "days", "hours", "from", "issuer", "target", "value"),
    *("early", "kept", "blamed", "how"),
)
"""The pairs that may lead the detail of an event."""
Effect = Literal["paid", "set", "told"]
Informs = Literal["ideal", "red line", "nothing"]


def _check_word(name: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise ValueError(f"{name}={word!r} is none of {', '.join(words)}")


@dataclass(frozen=True)
class StatementKind:
    """What a kind of statement is, and what it says of its holder.

    Attributes
    ----------
    meaning
        What is said, for whoever codes an article.
    informs
        What a belligerent's row informs: what it would like best, how far it would go, or nothing.
    weighs
        Whether it shows how much the issue matters to those whom it concerns.
    """

    meaning: str
    informs: Informs
    weighs: bool = True

    def __post_init__(self) -> None:
        """Refuse what no statement informs."""
        _check_word("informs", self.informs, get_args(Informs))


STATEMENT_KINDS: Mapping[str, StatementKind] = {
    "demand": StatementKind("asks for it", "ideal"),
    "red_line": StatementKind("refuses anything beyond", "red line"),
    "preference": StatementKind("shows a liking", "ideal"),
    "flexibility": StatementKind("would accept it, though wanting better", "red line"),
    "offer": StatementKind("puts it to others; by the mediator it informs its ideal", "red line"),
    "threat": StatementKind(
        "announces a cost to another; the position is what the threat would bring about", "nothing"
    ),
    "commitment": StatementKind("binds itself", "nothing"),
    "denial": StatementKind("does not intend this; the position is what then remains", "ideal"),
    "call": StatementKind(
        "asks others to act with a lever of theirs; the position is what that would bring about",
        "nothing",
        weighs=False,
    ),
}
"""Every kind of statement by name; `sim.evidence.positions` reads what each informs."""


@dataclass(frozen=True)
class EventKind:
    """What a kind of event is, and what the calibration makes of it.

    Attributes
    ----------
    meaning
        What happened, for whoever codes an article.
    effect
        ``paid``: it is imposed on every past, which is weighed by the chance that its rules gave to
        it. ``set``: it is imposed, and no rule gives it a chance. ``told``: it moves nothing.
    listed
        Whether it counts only if ``history.toml`` lists it as an ``[[action]]``.
    issue
        The issue on which its paragraph then counts as an event and not as a statement too.
    needs
        The pairs that its detail must have, as ``scope`` in ``scope=energy; ...``.
    why
        Of a kind that is told: why it moves nothing, and what does.
    """

    meaning: str
    effect: Effect
    listed: bool = False
    issue: str = ""
    needs: tuple[str, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        """Refuse an effect that is none."""
        _check_word("effect", self.effect, get_args(Effect))


_TERMS, _SANCTIONS = "truce_terms", "sanctions"
_LEVER = "a lever says how large a threat or an offer is: add a [[lever]] row to history.toml"

EVENT_KINDS: Mapping[str, EventKind] = {
    "accepts_truce": EventKind(
        "a side says yes to a proposed truce; from= a day if it is to begin later", "paid",
        issue=_TERMS,
    ),
    "conditions_truce": EventKind("a side says yes, but", "paid", issue=_TERMS),
    "rejects_truce": EventKind("a side says no to a proposed truce", "paid", issue=_TERMS),
    "truce_starts": EventKind(
        "a full truce takes effect on that day; the acceptances that were not reported are implied",
        "paid", issue=_TERMS,
    ),
    "truce_collapses": EventKind(
        "a full truce breaks down; blamed= the side that broke it, how= exit or incident, if known",
        "paid", issue=_TERMS,
    ),
    "truce_holds": EventKind(
        "a full truce has held its 30 days", "told",
        why="a truce that was not reported to collapse has held; that is weighed day by day",
    ),
    "partial_truce_starts": EventKind(
        "a truce of one scope takes effect", "paid", issue=_TERMS, needs=("scope",)
    ),
    "partial_truce_ends": EventKind(
        "a partial truce ends; early=yes if a side ended it before its 30 days", "paid"
    ),
    "short_truce": EventKind(
        "a side declares a pause of some days; kept=yes or no if it is known whether the other did",
        "paid", issue=_TERMS,
    ),
    "imposes_sanctions": EventKind(
        "new sanctions; value= the share of the issuer's fullest package", "paid", issue=_SANCTIONS
    ),
    "declines_sanctions": EventKind(
        "an issuer lets its threat of sanctions pass", "paid", issue=_SANCTIONS
    ),
    "relief_granted": EventKind(
        "sanctions are lifted for as long as a truce is kept",
        "told",
        why="what a truce lifts follows from the levers sanctions.relief and "
        "sanctions.relief_on_signature: add a [[lever]] row to history.toml",
    ),
    "sanctions_lifted": EventKind(
        "sanctions are lifted for good; value= their share", "set",
        issue=_SANCTIONS, needs=("value",),
    ),
    "arms_pause_begins": EventKind(
        "arms supply is cut; value= the share that is cut, all of it if there is none", "paid"
    ),
    "arms_pause_ends": EventKind("arms supply is taken up again in full", "set"),
    "mediator_leaves": EventKind("the mediator gives up its work", "paid"),
    "mediator_returns": EventKind("the mediator takes up its work again", "set"),
    "guarantor_acts": EventKind("the mediator answers a breach as it had guaranteed", "paid"),
    "strikes_intensify": EventKind(
        "a side's strikes rise (value=1) or fall (value=-1)", "paid", listed=True, needs=("value",)
    ),
    "contingent_pledged": EventKind(
        "a bloc pledges troops; value= the share of what it could send", "set",
        listed=True, needs=("value",),
    ),
    "direct_talks": EventKind("the two sides meet without the mediator", "set", listed=True),
    "talks": EventKind(
        "the mediator or others talk; listed if it put a proposal to a side", "set", listed=True
    ),
    "prisoner_exchange": EventKind(
        "prisoners are exchanged", "told", why="no rule of the model reads it"
    ),
    "breach_claimed": EventKind(
        "a side is said to have broken a truce in force", "told",
        why="claims are made on every day of a truce; its end is coded as truce_collapses or "
        "partial_truce_ends",
    ),
    "threatens_sanctions": EventKind("an issuer threatens sanctions", "told", why=_LEVER),
    "relief_offered": EventKind("an issuer offers to lift sanctions", "told", why=_LEVER),
    "signals_walk_away": EventKind(
        "the mediator warns that it may leave", "told",
        why="its patience wears by the rules; that it leaves is coded as mediator_leaves",
    ),
}  # fmt: skip
"""Every kind of event by name."""

IMPOSED = tuple(
    name for name, kind in EVENT_KINDS.items() if kind.effect != "told" and not kind.listed
)
"""Kinds that count whether or not ``history.toml`` lists them."""
ISSUE_OF = {name: kind.issue for name, kind in EVENT_KINDS.items() if kind.issue}
"""By kind, the issue on which its paragraph counts as an event."""


def told_as(event: Public) -> str:
    """Return the kind of evidence by which a public event of a forecast would be reported."""
    return PUBLIC_EVENTS[event].told_as
