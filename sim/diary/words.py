"""The words of a diary: chances, reasons, luck and packages in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from sim.diary.reasons import TERM_NAMES
from sim.engine.domain import OFFERED, Issue
from sim.mesa_model import CeasefireModel

_NEAR = 0.05


def percent(share: float) -> str:
    """Write a chance as whole per cents."""
    if 0.0 < share < 0.005:
        return "<1%"
    return f"{100 * share:.0f}%"


def odds_text(odds: Mapping[str, float]) -> str:
    """Write the chances of the answers, each after its name."""
    return ", ".join(f"{name} {percent(chance)}" for name, chance in odds.items())


def reasons_text(reasons: Mapping[str, float]) -> str:
    """Write the reasons of an answer as a sentence; see `sim.diary.reasons.reasons`."""
    if not reasons:
        return "No single reason weighs."
    parts = [
        f"{TERM_NAMES[name]} {'raised' if moved > 0 else 'lowered'} that by {_points(moved)}"
        for name, moved in reasons.items()
    ]
    return f"{'; '.join(parts)}.".capitalize()


def _points(moved: float) -> str:
    points = f"{abs(100 * moved):.0f}"
    return f"{points} point{'' if points == '1' else 's'}"


def luck_text(odds: Mapping[str, float], u: float) -> str:
    """Say where luck decided an answer: it was not the likeliest, or another was nearly given.

    Parameters
    ----------
    odds
        The chances of `yes`, `yes, but` and `no`.
    u
        The number from 0 to 1 that was dealt.
    """
    given = "yes" if u < odds["yes"] else "yes, but" if u < 1.0 - odds["no"] else "no"
    if odds[given] < max(odds.values()):
        return " Luck: not the likeliest answer."
    distance = min(abs(u - odds["yes"]), abs(u - (1.0 - odds["no"])))
    return " Luck: a near thing." if distance < _NEAR else ""


def places(model: CeasefireModel) -> dict[str, float | str]:
    """Return the place of each offered issue of the package, or `conceded` or `deferred`."""
    found: dict[str, float | str] = {}
    for issue in list(Issue)[:OFFERED]:
        if model.package.conceded[issue]:
            found[issue.name.lower()] = "conceded"
        elif model.package.named[issue]:
            found[issue.name.lower()] = float(model.package.x[issue])
        else:
            found[issue.name.lower()] = "deferred"
    return found


def package_text(model: CeasefireModel) -> str:
    """Say what the package names, and where it puts it."""
    named = {name: at for name, at in places(model).items() if isinstance(at, float)}
    if not named:
        return "an unconditional truce, every issue deferred"
    issues = ", ".join(f"{name} at {at:.2f}" for name, at in named.items())
    return f"a truce that names {issues}"
