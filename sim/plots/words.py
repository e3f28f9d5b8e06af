"""The words of a figure: its finding as a title, its provenance as a caption, its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sim.estimates import Odds
from sim.inputs.levers import value_text
from sim.inputs.scenario import Scenario
from sim.outcomes import parts_of_outcomes
from sim.plots.page import Words, one_line, titled
from sim.plots.style import TITLE, WIDTH, drawable
from sim.results import Results
from sim.text import days_word, part_text

PRIOR = "not yet conditioned on the record"
PER_CENT = "\u00a0%"


def percent(odds: Odds, worlds: int) -> str:
    """Write odds with no more digits than the interval of the estimate supports.

    Parameters
    ----------
    odds
        The odds, with their mc interval.
    worlds
        How many worlds they were counted in.

    Returns
    -------
    str
        Tenths of a per cent if the half-width of the mc interval is at most half a point, whole
        per cents up to 10 points, and beyond that the plain count, such as ``13 of 40``.
    """
    count = round(odds.mean * worlds)
    if odds.half_width > 0.10:
        return f"{count:,} of {worlds:,}"
    if count in (0, worlds):
        return f"{100 if count else 0}{PER_CENT}"
    digits = 0 if odds.half_width > 0.005 else 1
    text = f"{100.0 * odds.mean:.{digits}f}"
    if float(text) == 0.0:
        text = "<0.1" if digits else "<1"
    elif float(text) == 100.0:
        text = ">99.9" if digits else ">99"
    return text + PER_CENT


def percents(results: Results) -> dict[str, str]:
    """Write the odds of a run by outcome, and of `agreed`, with the same digits.

    They add up to 100 as they are printed. The digits are those of `percent` for `held`, and fewer
    if another outcome is known far less well.
    """
    every, worlds = {**results.odds, "agreed": results.agreed}, results.tally.worlds
    digits = _digits(results)
    if digits is None:
        return {
            name: f"{round(odds.mean * worlds):,} of {worlds:,}" for name, odds in every.items()
        }
    means = {name: odds.mean for name, odds in every.items()}
    parts = parts_of_outcomes(means, digits)
    return {name: _share(parts[name], mean, digits) for name, mean in means.items()}


def _digits(results: Results) -> int | None:
    """Decimals of a per cent that the odds of a run support; None if counts say more."""
    widest = max(odds.half_width for odds in (*results.odds.values(), results.agreed))
    if widest > 0.10:
        return None
    return 1 if results.odds["held"].half_width <= 0.005 and widest <= 0.02 else 0


def _share(part: float, share: float, digits: int) -> str:
    text = f"{100.0 * share:.0f}" if share in (0.0, 1.0) else part_text(part, share, digits)
    return text + PER_CENT


def _plain(text: str) -> str:
    return text.replace("<", "less than ").replace(">", "more than ")


def finding(results: Results) -> str:
    """Say in one sentence what came of a run, without the scenario's title."""
    worlds = results.tally.worlds
    held, agreed = results.odds["held"], results.agreed
    if worlds == 1:
        ends = "no 30-day truce is agreed"
        if agreed.mean > 0.0:
            ends = f"a 30-day truce is agreed and {'holds' if held.mean else 'collapses'}"
        return f"in the one world that was run, {ends}"
    if agreed.mean == 0.0:
        return f"no 30-day truce is agreed in any of {worlds:,} worlds"
    told = percents(results)
    share = _plain(told["agreed"])
    if " of " in share:
        share = f"{share} worlds"
    else:
        about = "about " if share[0].isdigit() else ""
        share = f"{about}{share} of worlds"
    holds = _plain(told["held"]) if held.mean else "none"
    return f"a 30-day truce is agreed in {share} and holds in {holds}{beside_mean(results)}"


def beside_mean(results: Results) -> str:
    """Say, after a mean of `held`, that it is one, and what the median member holds.

    Nothing where that is not known, or no other number.
    """
    held, digits = results.odds["held"], _digits(results)
    median = held.median_member
    if digits is None or median is None or held.mean == 0.0:
        return ""
    middle = _share(float(f"{100.0 * median:.{digits}f}"), median, digits)
    if middle == percents(results)["held"]:
        return ""
    return f" on average, {_plain(middle)} by the median member"


def _settings(scenario: Scenario) -> list[str]:
    """What was set beside the scenario's file, such as ``aid.level=0.5``."""
    return sorted(f"{lever}={value_text(value)}" for lever, value in scenario.overrides.items())


def _with(settings: list[str]) -> str:
    if len(settings) > 1:
        return f" with {len(settings)} levers changed"
    return f" with {drawable(settings[0])}" if settings else ""


def _bare_title(scenario: Scenario) -> str:
    """The scenario's title, or its name where the font lacks most of it."""
    title = one_line(scenario.title)
    return drawable(scenario.name) if title.count("□") > len(title) / 2 else title


def title_of(scenario: Scenario) -> str:
    """The scenario's title, and what was set beside its file."""
    return _bare_title(scenario) + _with(_settings(scenario))


def titles_of(scenarios: Sequence[Scenario]) -> list[str]:
    """Titles of scenarios that stand beside each other, with what was not set in all of them."""
    own = _own_settings(scenarios)
    titles = [_bare_title(one) + _with(alone) for one, alone in zip(scenarios, own, strict=True)]
    if len(set(titles)) == len(titles):
        return titles
    return [
        f"{_bare_title(one)} with {drawable(', '.join(alone))}" if alone else title
        for one, alone, title in zip(scenarios, own, titles, strict=True)
    ]


def _shared(scenarios: Sequence[Scenario]) -> list[str]:
    first, *others = (_settings(one) for one in scenarios)
    return [setting for setting in first if all(setting in other for other in others)]


def _own_settings(scenarios: Sequence[Scenario]) -> list[list[str]]:
    shared = _shared(scenarios)
    return [[own for own in _settings(one) if own not in shared] for one in scenarios]


def settings_text(scenarios: Sequence[Scenario]) -> list[str]:
    """What was set in all scenarios of a figure, and in single ones, as parts of its caption."""
    shared = _shared(scenarios)
    where = " in all" if len(scenarios) > 1 else ""
    parts = [f"set{where}: {', '.join(shared)}"] if shared else []
    for one, own in zip(scenarios, _own_settings(scenarios), strict=True):
        if len(own) > 1:
            parts.append(f"{_bare_title(one)} with {len(own)} levers changed: {', '.join(own)}")
    return parts


def words_of(results: Results, said: str) -> Words:
    """Put the words of a run around a finding.

    Parameters
    ----------
    said
        The finding, without the scenario's title.
    """
    scenario = results.scenario
    prior = results.ensemble_kind == "prior"
    return Words(
        said,
        caption(results),
        within(scenario),
        title_of(scenario),
        f"PRIOR ODDS: {PRIOR}" if prior else "",
    )


def within(scenario: Scenario) -> str:
    """Say which days the odds are about."""
    return f"within {days_word(scenario.horizon_days)} of {scenario.as_of}"


def within_all(scenarios: Sequence[Scenario]) -> str:
    """Say which days the odds of scenarios are about, and what was set in all of them."""
    shared = _shared(scenarios)
    return within(scenarios[0]) + (f", all{_with(shared)}" if shared else "")


def headline(results: Results) -> list[str]:
    """Return the title of a slide: scenario and finding, in at most two lines.

    A long scenario title is shortened; the finding never is.
    """
    width = WIDTH - 2.0 * 67
    return titled(title_of(results.scenario), finding(results), width, TITLE)


def caption(results: Results) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    scenario, tally = results.scenario, results.tally
    used = int((tally.outcomes.sum(1) > 0).sum())
    last = scenario.as_of + timedelta(days=scenario.horizon_days)
    kind = results.ensemble_kind
    record = PRIOR if kind == "prior" else "conditioned on the record"
    parts = [
        f"Conditional on model and evidence to {scenario.as_of}",
        f"{tally.worlds:,} world{'s' if tally.worlds > 1 else ''}, "
        f"{used:,} of {tally.members:,} members used, seed {results.seed}",
        f"ensemble {results.ensemble_id} ({kind}: {record})",
        f"horizon {days_word(scenario.horizon_days)} to {last}",
        *filter(None, [results.ensemble_doubt]),
        *settings_text([scenario]),
    ]
    return drawable(" · ".join(parts))
