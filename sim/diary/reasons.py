"""Why a side answered as it did: the terms of its answer that moved the chance of it most."""

from __future__ import annotations

from collections.abc import Mapping

from sim.engine.records import Member
from sim.engine.rules import answers
from sim.mesa_model import Belligerent, CeasefireModel
from sim.terms import GAIN_TERMS, gain_terms, refusal_terms

TERM_NAMES = {
    "settlement": "what a settlement would bring",
    "shift": "what the front does if the truce fails",
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
    mediated = bool(model.today.mediated)

    def chance(changed: Mapping[str, float]) -> float:
        return chances_of_terms(changed, p_other_accepts, model.member, mediated)[answer]

    whole = chance(terms)
    moved = {name: whole - chance({**terms, name: 0.0}) for name in terms}
    largest = sorted(moved, key=lambda name: -abs(moved[name]))[:_MOST]
    return {name: moved[name] for name in largest if abs(moved[name]) >= _LEAST}


def chances_of_terms(
    terms: Mapping[str, float],
    p_other_accepts: float,
    member: Member,
    mediated: bool,
) -> tuple[float, float, float]:
    """Return the chances of yes, yes-but and no from the terms of an answer.

    They are put together as `sim.engine.rules.answers.answer_chances` does.

    Parameters
    ----------
    terms
        By name, from `sim.terms.gain_terms` and `sim.terms.refusal_terms`, in stakes.
    member
        Whose answers they are.
    mediated
        Whether the mediator put the package.
    """
    gain = sum(terms[name] for name in GAIN_TERMS)
    condition = terms["delay"] + answers.committed(member, p_other_accepts, gain)
    if mediated:
        threat, walkaway = (p_other_accepts * terms[name] for name in ("threat", "walkaway"))
        accept = answers.accept(p_other_accepts, gain, terms["credit"])
        condition += terms["goodwill"] + terms["ask"]
        condition += (1.0 - member.defused) * threat + walkaway
        reject = threat + walkaway
    else:
        accept, reject = p_other_accepts * gain, 0.0
    yes, but = answers.logit(member.precision, accept, condition, reject)
    return yes, but, 1.0 - yes - but
