"""Briefings: a run or a study told in pages that decide something, in three forms.

One content model (`content`) is made from what is given (`gather`) and set as HTML, PDF and PPTX.
"""

from __future__ import annotations

from sim.brief.answer import answer, odds
from sim.brief.content import Briefing, checked
from sim.brief.inputs import Material
from sim.brief.made import made
from sim.brief.policies import comparison, surface
from sim.brief.says_who import says_who, would_change
from sim.brief.why import ignorance, news, why
from sim.inputs.levers import value_text
from sim.text import days_word

__all__ = ["PARTS", "Briefing", "Material", "briefing"]

PARTS = (answer, odds, comparison, surface, why, news, ignorance, says_who, would_change, made)
"""The parts in their order; one that the input has nothing for returns None."""


def briefing(material: Material) -> Briefing:
    """Write the content of a briefing, not yet in any form."""
    scenario = material.scenario
    parts = tuple(part for make in PARTS if (part := make(material)) is not None)
    subtitle = f"As of {scenario.as_of}, {days_word(scenario.horizon_days)} ahead"
    settings = [f"{lever} = {value_text(value)}" for lever, value in scenario.overrides.items()]
    if settings:
        few = ", ".join(settings)
        subtitle += f", with {few if len(settings) < 3 else f'{len(settings)} levers changed'}"
    return checked(Briefing(scenario.title, subtitle, scenario.as_of, parts))
