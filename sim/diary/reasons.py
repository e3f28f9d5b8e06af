"""Why a side answered as it did: the terms of its answer that moved the chance of it most."""

from __future__ import annotations

from collections.abc import Mapping

from sim.engine.rules import answers
from sim.mesa_model import Belligerent, CeasefireModel
from sim.terms import GAIN_TERMS, gain_terms, refusal_terms

TERM_NAMES = {
    "settlement": "what a settlement would bring",
    "shift": "fear of what the front does if the truce fails",
    "fighting": "the cost of fighting on",
    "sanctions": "relief from sanctions",
    "audience": "its red lines",
    "resolve": "its hidden resolve",
    "credit": "the credit for a yes that the other refuses",
    "goodwill": "the goodwill that a condition earns",
    "ask": "the chance that a condition is paid for",
    "delay": "the cost of delay",
    "threat": "what is threatened for refusing",
    "walkaway": "fear that the mediator leaves",
}
"""What each term of an answer is called in a sentence."""
_MOST = 2
_LEAST = 0.005


def reasons(
    model: CeasefireModel, player: Belligerent, answer: int, p_other_accepts: float
) -> dict[str, float]:
    """Return the two terms whose removal would change the chance of an answer most.

    Parameters
    ----------
    answer
        What was answered, an `Answer`.
    p_other_accepts
        The chance that the other side accepts, as this one reckoned.

    Returns
    -------
    dict
        By term, by how much it raised (or lowered) the chance of what was answered; terms that
        moved it by less than half a point are left out.
    """
    inputs = (model.member, model.state, model.policy)
    terms = gain_terms(*inputs, model.package, player.side)
    terms |= refusal_terms(*inputs, player.side)
    defused = float(model.member.defused)

    def chance(changed: Mapping[str, float]) -> float:
        precision, mediated = float(model.member.precision), bool(model.today.mediated)
        return chances_of_terms(changed, p_other_accepts, precision, defused, mediated)[answer]

    whole = chance(terms)
    moved = {name: whole - chance({**terms, name: 0.0}) for name in terms}
    largest = sorted(moved, key=lambda name: -abs(moved[name]))[:_MOST]
    return {name: moved[name] for name in largest if abs(moved[name]) >= _LEAST}


def chances_of_terms(
    terms: Mapping[str, float],
    p_other_accepts: float,
    precision: float,
    defused: float,
    mediated: bool,
) -> tuple[float, float, float]:
    """Return the chances of yes, yes-but and no from the terms of an answer.

    They are put together as `sim.engine.rules.answers.answer_chances` does.

    Parameters
    ----------
    terms
        By name, from `sim.terms.gain_terms` and `sim.terms.refusal_terms`, in stakes.
    precision, defused
        Numbers of the member with those names.
    mediated
        Whether the mediator put the package.
    """
    gain = sum(terms[name] for name in GAIN_TERMS)
    if mediated:
        threat = p_other_accepts * terms["threat"]
        accept = answers.accept(p_other_accepts, gain, terms["credit"])
        stalling = terms["goodwill"] + terms["ask"] + terms["delay"]
        condition = stalling + (1.0 - defused) * threat + terms["walkaway"]
        reject = threat + terms["walkaway"]
    else:
        accept, condition, reject = p_other_accepts * gain, terms["delay"], 0.0
    yes, but = answers.logit(precision, accept, condition, reject)
    return yes, but, 1.0 - yes - but
