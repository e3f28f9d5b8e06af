"""What stands below the levers: what the page is and is not, where it comes from, and its words."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from sim.glossary import GLOSSARY

WORDS = (
    *("as-of day", "deferred", "dice", "held", "agreed", "member", "members' interval"),
    *("scenario", "seed", "stakes", "world", "worth"),
)
"""The words of the glossary that both pages use."""


def glossary(level: int) -> str:
    """Return the words that the page uses, each with its explanation, as HTML."""
    met = (term for term in GLOSSARY if term.word in WORDS)
    pairs = "\n".join(
        f"<div><dt>{html.escape(term.word)}</dt><dd>{html.escape(term.meaning)}</dd></div>"
        for term in met
    )
    return (
        f'<section class="lv-below">\n<h{level}>Words</h{level}>\n'
        f'<dl class="lv-words">\n{pairs}\n</dl>\n</section>\n'
    )


def about(document: Mapping[str, Any], level: int) -> str:
    """Return what an emulator's page is and is not, and where it comes from, as HTML.

    Parameters
    ----------
    document
        As `sim.explore(...).as_dict()` gives it.
    level
        The level of the heading.
    """
    paragraphs = "\n".join(f"<p>{html.escape(text)}</p>" for text in _limits(document))
    facts = "\n".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd></div>"
        for name, value in _facts(document)
    )
    weak = document["ensemble"].get("doubt")
    warning = f'<p class="lv-warning">{html.escape(weak)}</p>\n' if weak else ""
    command = document.get("command")
    again = f"<p>Made by: <code>{html.escape(str(command))}</code></p>\n" if command else ""
    return (
        f'<section class="lv-below" id="lv-about">\n<h{level}>What this is and is not</h{level}>\n'
        f'{paragraphs}\n{warning}<dl class="lv-facts">\n{facts}\n</dl>\n{again}</section>\n'
    )


def _limits(document: Mapping[str, Any]) -> Iterable[str]:
    check, runs = document["check"], document["runs"]
    yield (
        "This is the answer of a simulation under stated assumptions. It is no prediction of what "
        "will happen and no advice: it shows how the odds move if a lever does and all else is as "
        "the scenario has it. A truce that is likelier may be worse for a side; look at the worth, "
        "too."
    )
    yield (
        f"This page runs no simulation. It asks an emulator, a smooth formula that was fitted to "
        f"{runs:,} simulated worlds. {error_of(check)} Beyond the ends of the sliders it says "
        "nothing."
    )
    yield (
        "Two errors are told apart. The emulator's error says how well this page repeats the "
        "simulation. The members' interval says how much is not known: a member is one consistent "
        f"guess at what is settled today but not known, and {document['members']:,} of them were "
        "kept because they fit the record. Differences are safer than levels, and their signs than "
        "their sizes."
    )


def error_of(check: Mapping[str, Any]) -> str:
    """Return how far an emulator errs, in a sentence.

    Parameters
    ----------
    check
        ``points``, ``rmse`` and ``largest`` as chances, and ``coverage`` as a share; ``members`` may
        say by how much the ends of the members' interval are off, as chances ``mean`` and
        ``largest``.

    Examples
    --------
    >>> error_of({"points": 64, "rmse": 0.0016, "largest": 0.004, "coverage": 0.94})
    'On 64 fresh points it errs by .16 points (root mean square), at most .4; its 95 % interval covered 94 % of them.'
    """  # noqa: E501
    rmse, largest = (_points(check[name]) for name in ("rmse", "largest"))
    apart = check.get("members")
    ends = (
        f" The ends of the members' interval are off by {_points(apart['mean'])} points on "
        f"average, at most {_points(apart['largest'])}."
        if apart
        else ""
    )
    return (
        f"On {check['points']} fresh points it errs by {rmse} points (root mean square), at most "
        f"{largest}; its 95 % interval covered {100.0 * check['coverage']:.0f} % of them.{ends}"
    )


def _points(chance: float) -> str:
    """Percentage points, two digits at most behind the point, and no 0 before it."""
    text = f"{100.0 * chance:.2f}".rstrip("0").rstrip(".")
    return text.removeprefix("0") or "0"


def _facts(document: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    yield "Scenario", document["scenario"]
    yield "As-of day", document["as_of"]
    yield "Days ahead", document["horizon_days"]
    yield "Ensemble", document["ensemble"]["id"]
    yield "Members", f"{document['members']:,}"
    yield "Worlds of each fit", f"{document['worlds']:,}, each at {document['points']} points"
    if "worlds" in document["today"]:
        yield "Worlds as it stands", f"{document['today']['worlds']:,}"
    yield "Seed", document["seed"]
    if document.get("id"):
        yield "Id", document["id"]
