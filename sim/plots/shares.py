"""What matters: shares with their intervals, and in how many members a scenario is best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure

from sim.plots import style
from sim.plots.page import Key, Size, figure_of, new_sheet, one_line, save_figure
from sim.plots.rows import NAMED, Rows, draw_dice, new_rows, share_ticks
from sim.plots.style import SMALL, SOFT, drawable, fitting
from sim.plots.tornado import (
    HIGH,
    SHOWN,
    THICK,
    dice_key,
    meaning_of,
    tornado,
    unknowns,
    words_of,
)
from sim.plots.tornado import caption as of_levers
from sim.plots.waterfall import short_title
from sim.plots.words import PER_CENT, titles_of
from sim.text import of_hundred

if TYPE_CHECKING:
    from sim.attribution.sensitivity.result import Sensitivity

_PITCH = {"slide": 72.0, "page": 66.0, "column": 84.0}
_BESIDE = {"slide": 640.0, "page": 500.0, "column": 0.0}
_RANKED = {"slide": 120.0, "page": 160.0, "column": 164.0}
_TALLEST = 150.0
"""How high a row of a slide may be, in pixels; bars grow with it."""

# ------------------------------------------------------------------ shares with intervals


class _Shares(NamedTuple):
    """Shares to draw as bars: names, their means and intervals; and the words around them.

    ``smallest`` is the largest share that may hide where none was seen: of groups of numbers none
    of which was ever used.
    """

    names: list[str]
    shares: list[dict[str, Any]]
    finding: str
    below: str
    smallest: float = 0.0

    def told(self, share: Mapping[str, Any], half: float | None = None) -> str:
        """Write a share, with the half-width of its interval if one is given."""
        if not share.get("entered", 1):
            return f"below {100.0 * self.smallest:.1f}{PER_CENT}"
        if half is None:
            return _part(share["mean"])
        return f"{100.0 * share['mean']:.0f} ± {100.0 * half:.0f}{PER_CENT}"


def _sobol(found: Sensitivity) -> _Shares:
    assert found.setting is not None
    conflict, parts = found.setting.first.conflict, found.parts["sobol"] or {}
    order = sorted(parts, key=lambda name: -parts[name]["shapley"]["mean"])
    names = [one_line(conflict.lever(name).meaning) for name in order]
    shares = [parts[name]["shapley"] for name in order]
    said = "no lever moves the odds clearly over these ranges"
    if order:
        said = (
            f"over the ranges given, “{names[0]}” accounts for {_part(shares[0]['mean'])} of what "
            "these levers change"
        )
    below = (
        "Shapley shares of the variance of the odds over the ranges given, each value as likely as "
        f"another; they sum to 100{PER_CENT}"
    )
    return _Shares(names, shares, said, below)


def _split_shares(found: Sensitivity) -> _Shares:
    words = {
        "levers": "the levers, whoever is right",
        "members": "who is right: the members",
        "levers_by_member": "levers that work for some members only",
        "fixed_luck": "luck that no lever moves",
        "turned_luck": "luck that the levers turn",
    }
    parts = found.parts["split"] or {}
    said = "how one world ends does not vary over these ranges"
    if parts:
        turned, fixed = (parts[name]["mean"] for name in ("turned_luck", "fixed_luck"))
        said = (
            f"luck decides {_part(turned + fixed)} of how one world ends: {_part(turned)} is luck "
            f"that the levers turn, {_part(fixed)} luck that no lever moves"
        )
    below = (
        "shares of the variance of one world's outcome over the ranges given; they sum to "
        f"100{PER_CENT}"
    )
    return _Shares([words[name] for name in parts], list(parts.values()), said, below)


def _dice(found: Sensitivity) -> _Shares:
    from sim.experiments.dice import GROUPS

    parts = found.parts["dice"] or {}
    order = sorted(parts, key=lambda name: -parts[name]["total"]["mean"])
    said = "luck is not seen to decide anything"
    if order:
        share = _part(parts[order[0]]["total"]["mean"])
        said = f"of all luck, “{GROUPS[order[0]]}” decides most: {share} depends on it"
    below = (
        "what still depends on this luck once all other luck is known, as a share of what luck "
        "decides within a member; shares overlap and may "
        f"sum to more than 100{PER_CENT}"
    )
    return _Shares([GROUPS[n] for n in order], [parts[n]["total"] for n in order], said, below)


def _learned(found: Sensitivity) -> _Shares:
    document = found.parts["unknowns"]["learned"]
    groups = document["groups"]
    all_of_it = _part(document["explained"]["mean"])
    said = (
        f"learning “{groups[0]['name']}” would remove {_part(groups[0]['mean'])} of the members' "
        f"disagreement; all numbers together {all_of_it}"
    )
    below = (
        "shares of the spread of the members' own odds, measured on members left out of the fit; "
        "below: the group was not seen to matter"
    )
    names = [group["name"] for group in groups]
    return _Shares(names, groups, said, below, document["smallest"])


_KINDS: dict[str, Callable[[Sensitivity], _Shares]] = {
    "sobol": _sobol,
    "split": _split_shares,
    "dice": _dice,
    "learned": _learned,
}


def _part(share: float) -> str:
    return f"{100.0 * max(share, 0.0):.0f}{PER_CENT}"


def finding(found: Sensitivity, part: str) -> str:
    """Say in one sentence what a part with shares says: `sobol`, `split`, `dice` or `learned`."""
    return _KINDS[part](found).finding


def caption(found: Sensitivity, part: str) -> str:
    """Return the provenance of the numbers of a part, in one paragraph."""
    setting = found.setting
    assert setting is not None
    runs = f"{found.parts['sobol_method']['runs']:,} runs, " if part == "sobol" else ""
    return of_levers(found).replace(f"{setting.worlds:,} worlds of each policy, ", runs)


def in_words(found: Sensitivity, part: str) -> str:
    """Tell the shares of a part, each with its name and the half-width of its interval."""
    drawn = _KINDS[part](found)
    return "; ".join(
        f"{name}: {drawn.told(share, (share['mc'][1] - share['mc'][0]) / 2.0)}"
        for name, share in zip(drawn.names, drawn.shares, strict=True)
    )


@figure_of
def shares(
    found: Sensitivity, part: str = "sobol", size: Size = "slide", *, bare: bool = False
) -> Figure:
    """Draw shares with their intervals: of levers, of what decides a world, of dice, of unknowns.

    Parameters
    ----------
    found
        From `sim.sensitivity`.
    part
        `sobol`, `split`, `dice` or `learned`, which must have been asked for.
    size, bare
        As in `sim.plots.odds`.
    """
    drawn = _KINDS[part](found)
    most = SHOWN[size] + (0 if size == "column" else 6)
    names = [f"{name[:1].upper()}{name[1:]}" for name in drawn.names][:most]
    count = max(1, len(names))
    bars: Key = [dice_key()]
    words = words_of(found, drawn.finding, drawn.below)._replace(caption=caption(found, part))
    sheet = new_sheet(size, words, count * _PITCH[size] + NAMED, bars, bare=bare)
    pitch = (sheet.height - NAMED) / count
    pitch = min(pitch, _TALLEST if size == "slide" else _PITCH[size])
    rows = new_rows(sheet, 0.0, count, pitch, _BESIDE[size], 150.0, "shares")
    for n, (name, share) in enumerate(zip(names, drawn.shares, strict=False)):
        y, thick = rows.bar(n), max(THICK, 0.3 * pitch) / pitch
        (bar,) = rows.ax.barh(y, share["mean"], thick, color=style.MEMBERS_EDGE, zorder=3)
        bar.set_gid(f"{n}.share")
        if share.get("entered", 1):
            draw_dice(rows.ax, f"{n}", share["mc"], y)
        rows.name(n, drawable(name), SMALL, 200.0)
        left = sheet.width - 130.0
        rows.words(n, left, drawn.told(share), size=SMALL)
    reach = [end for share in drawn.shares for end in share["mc"]] or [1.0]
    rows.ax.set_xlim(min(0.0, *reach) - 0.01, max(0.05, *reach) * 1.04)
    ticks = [tick for tick in rows.ax.get_xticks() if -0.001 <= tick <= max(reach) * 1.04]
    rows.ax.set_xticks(ticks, [f"{100.0 * tick:.3g}{PER_CENT}" for tick in ticks])
    rows.ax.set_xlabel("share", labelpad=8)
    return sheet.figure


# ------------------------------------------------------------------ a ranking


def ranking_finding(found: Sensitivity) -> str:
    """Say in one sentence in how many members the leader is best, and what turns that."""
    document, titles = found.parts["ranking"], _titles(found)
    leads = document["leads"]
    share = document["best"][leads]
    said = f"{titles[leads]} leads on average and is best in {of_hundred(share)} members"
    turned = [one for one in document["against"] if one["turning"] and one["turning"]["turns"]]
    if turned:
        name = meaning_of(turned[0]["turning"])
        return f"{said}; “{name}” reverses its lead over {titles[turned[0]['scenario']]}"
    return f"{said}; no single assumption clearly reverses its lead"


def _titles(found: Sensitivity) -> dict[str, str]:
    assert found.setting is not None
    scenarios = found.setting.scenarios
    labels = [scenario.label for scenario in scenarios]
    return dict(zip(labels, map(short_title, titles_of(scenarios)), strict=True))


@figure_of
def ranking(found: Sensitivity, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw in how many members each scenario is best, luck taken out.

    Parameters
    ----------
    found
        From `sim.sensitivity`, asked with ``rank``.
    size, bare
        As in `sim.plots.odds`.
    """
    document = found.parts["ranking"]
    every = [
        *sorted(document["best"].items(), key=lambda pair: -pair[1]),
        ("level", document["level"]),
    ]
    notes = {one["scenario"]: _against(one) for one in document["against"]}
    below = (
        "share of members in which each has the highest odds, luck taken out; below a bar the "
        "assumption that reverses the leader's lead, or comes closest to it"
    )
    words = words_of(found, ranking_finding(found), below, whose=False)
    words = words._replace(caption=caption(found, "ranking"))
    sheet = new_sheet(size, words, len(every) * _RANKED[size] + NAMED, (), bare=bare)
    pitch = (sheet.height - NAMED) / len(every)
    pitch = min(pitch, _TALLEST if size == "slide" else _RANKED[size])
    rows = new_rows(sheet, 0.0, len(every), pitch, _BESIDE[size], 150.0, "ranking")
    share_ticks(rows.ax)
    names = {**_titles(found), "level": "Level: the best two differ by less than half a point"}
    for n, (label, share) in enumerate(every):
        _best(rows, n, label, names[label], share, drawable(notes.get(label, "")))
    rows.ax.set_xlabel("share of members" if size == "column" else _IN_WHICH, labelpad=8)
    return sheet.figure


_IN_WHICH = "share of members in which it is best"


def _best(rows: Rows, n: int, label: str, name: str, share: float, note: str) -> None:
    """A row of a ranking: its name, a bar with its number, and a note in lines beneath."""
    top = rows.top + n * rows.pitch
    middle = rows.middle(n) - (0.3 * rows.pitch if note else 0.0) if rows.beside else top + 50.0
    colour = style.MEMBERS_EDGE if label == "level" else HIGH
    place = (middle - rows.top) / rows.pitch - 0.5
    (bar,) = rows.ax.barh(place, share, THICK / rows.pitch, color=colour, zorder=3)
    bar.set_gid(f"{n}.best")
    lifted = n - (0.3 if rows.beside and note else 0.0)
    rows.name(lifted, drawable(name), SMALL, 120.0)
    left = rows.sheet.width - (120.0 if rows.beside else 80.0)
    rows.words(lifted, left, f"{100.0 * share:.0f}{PER_CENT}", size=SMALL)
    if note:
        under = middle + 0.5 * THICK + 8.0
        room = rows.sheet.width - (rows.beside + 150.0 if rows.beside else 0.0)
        lines = max(1, int((top + rows.pitch - under) / _LINE))
        text = fitting(note, room, SMALL, min(4, lines))
        look = {"size": SMALL, "color": SOFT, "linespacing": 1.15}
        written = rows.sheet.text(rows.beside, under, text, **look)
        written.set_bbox({"fc": style.PAPER, "ec": "none", "pad": 0.5})


_LINE = 26.0
"""Height of a line of words set close, in pixels."""


def _against(one: Mapping[str, Any]) -> str:
    """The lead over a scenario in the low and in the high third of what turns it."""
    turning = one["turning"]
    if not turning:
        return ""
    low, high = (100.0 * turning[end]["mean"] for end in ("low", "high"))
    low_text, high_text = (f"{end:+.1f}".replace("-", "\u2212") for end in (low, high))
    return (
        f"the lead is {low_text} points where “{meaning_of(turning)}” is low, {high_text} where "
        "it is high"
    )


# ------------------------------------------------------------------ files


def write_sensitivity(found: Sensitivity, folder: Path) -> None:
    """Write the figures of all parts that were asked for as PNG and SVG into a folder."""
    for name, figure in figures(found).items():
        save_figure(figure(), folder, name)


def figures(found: Sensitivity) -> dict[str, Callable[..., Figure]]:
    """Return by file name what draws each part that was asked for."""
    drawn: dict[str, Callable[..., Figure]] = {}
    if found.has("tornado"):
        drawn["tornado"] = lambda **look: tornado(found, **look)
    for part in _KINDS:
        if found.has(part):
            drawn[part] = lambda part=part, **look: shares(found, part, **look)
    if found.has("otherwise"):
        drawn["unknowns"] = lambda **look: unknowns(found, **look)
    if found.has("ranking"):
        drawn["ranking"] = lambda **look: ranking(found, **look)
    return drawn
