"""What agents decide, checked: in a class of the user's own it may be anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.engine.domain import NONE, Answer, Issue, Scope
from sim.errors import ScenarioError
from sim.mesa_model.agents import Actor, Belligerent, Bloc, Mediator


def _checked(
    agent: Actor, what: str, decided: Any, fits: Callable[[Any], bool], wrong: str, todo: str
) -> Any:
    try:
        fine = bool(fits(decided))
    except (TypeError, ValueError, OverflowError):
        fine = False
    if not fine:
        raise ScenarioError(f"{agent.id}: {what}", f"{decided!r} {wrong}", todo)
    return decided


def _is_share(decided: Any) -> bool:
    return bool(0.0 <= decided <= 1.0)


def _are_numbers(decided: Any) -> bool:
    ground, distant = decided
    return all(number >= 0 and number == int(number) for number in (ground, distant))


def pledge(bloc: Bloc) -> float:
    """What a bloc pledges, a share."""
    decided = bloc.pledge()
    return float(
        _checked(bloc, "pledge", decided, _is_share, "is outside 0..1.", "Return a share.")
    )


def stance(bloc: Bloc) -> float:
    """How ready a bloc stands, a share."""
    decided = bloc.stance()
    return float(
        _checked(bloc, "stance", decided, _is_share, "is outside 0..1.", "Return a share.")
    )


def answer(player: Belligerent, q: float) -> int:
    """What a side answers, if the other accepts with chance ``q``."""
    decided = player.answer(q)
    known = tuple(Answer).__contains__
    return int(_checked(player, "answer", decided, known, "is none.", "See domain.Answer."))


def blocks_on(player: Belligerent) -> int:
    """The issue on which a side blocks."""
    decided = player.blocks_on()
    known = tuple(Issue).__contains__
    return int(_checked(player, "blocks_on", decided, known, "is no issue.", "See domain.Issue."))


def offers_partial(mediator: Mediator) -> int:
    """The scope of the partial truce that is put, or NONE."""
    decided = mediator.offers_partial()
    known, todo = (NONE, *Scope).__contains__, "See domain.Scope, or NONE."
    return int(_checked(mediator, "offers_partial", decided, known, "is no scope.", todo))


def leaves_at(player: Belligerent) -> float:
    """When today a side leaves the truce, as a share of the day."""
    decided = player.leaves_at()
    todo = "Return a share of the day, 1 or more to stay."
    return float(
        _checked(player, "leaves_at", decided, lambda at: at >= 0.0, "is no time of day.", todo)
    )


def incidents(player: Belligerent) -> tuple[int, int]:
    """A side's incidents today, on the ground and at long range."""
    decided = player.incidents()
    todo = "Return two whole numbers: on the ground, and at long range."
    ground, distant = _checked(player, "incidents", decided, _are_numbers, "are no numbers.", todo)
    return int(ground), int(distant)
