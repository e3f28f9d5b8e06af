"""Findings as sentences, and titles that stand inside one."""

from __future__ import annotations

from sim.inputs.levers import value_text
from sim.inputs.scenario import Scenario
from sim.results import Results

LONGEST = 80
"""Letters of a title inside a sentence."""


def sentence(text: str) -> str:
    """Make a sentence of a finding."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def lowered(text: str) -> str:
    """Make a finding go on behind a colon."""
    return text[:1].lower() + text[1:]


def short(title: str) -> str:
    """Shorten a title that is to stand inside a sentence; the page's heading has all of it."""
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1].rstrip()}…"


def titled(scenario: Scenario) -> str:
    """A scenario's title, shortened if it is long, with what was set beside its file."""
    settings = [f"{lever} = {value_text(value)}" for lever, value in scenario.overrides.items()]
    return short(scenario.title) + (f" with {', '.join(settings)}" if settings else "")


def title_of(result: Results) -> str:
    """The same of the scenario of a run."""
    return titled(result.scenario)
