"""One look for all figures: colours by name, type sizes, and text that fits and never fails.

The colours start from Okabe and Ito (2008). Their lightness was then spread out in even steps, so
that they can also be told apart in grey and by the colour-blind.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.textpath import text_to_path

from sim.text import printable

if TYPE_CHECKING:
    from sim.inputs.conflict import Conflict

OUTCOME_COLOURS = {
    "held": "#035484",
    "collapsed": "#B85000",
    "walked_away": "#C976A4",
    "partial_only": "#5AB7EC",
    "no_truce": "#CFCFCF",
}
"""By outcome, from dark to light in the order of the outcomes."""

PALETTE = (
    *("#1F1F1F", "#622800", "#624D66", "#0072B2"),
    *("#B77E01", "#4FBA68", "#A5C5FF", "#F3E745"),
)
"""Colours for actors that ``calibration/actors.toml`` gives none, from dark to light."""

INK = "#1A1A1A"
"""Words, and the error of the estimate."""
SOFT = "#595959"
"""Words of the second rank."""
RULE = "#D9D9D9"
"""Grid lines and axes."""
MEMBERS = "#E4E8ED"
MEMBERS_EDGE = "#8A97A6"
"""The interval of the members, in every panel."""
WARNING = "#A33B00"
"""What the reader must not miss."""
RULED_OUT = "#F0F0F0"
RULED_OUT_EDGE = "#C8C8C8"
"""An area of a panel that a condition rules out, and its hatching."""
PAPER = "#FFFFFF"
LINE_COLOURS = {
    "quiet": OUTCOME_COLOURS["partial_only"],
    "agreed": INK,
    "held": OUTCOME_COLOURS["held"],
}
"""What a timeline follows: any mutual pause, a full truce agreed, one that held."""
HEAT_COLOURS = ("#F4F7FA", "#9CCBEA", OUTCOME_COLOURS["held"])
"""A scale of odds of `held`, from the lowest to the highest."""
ANSWER_LOOKS: dict[str, dict[str, Any]] = {
    "yes": {"marker": "o", "color": OUTCOME_COLOURS["held"]},
    "yes, but": {"marker": "D", "color": OUTCOME_COLOURS["partial_only"]},
    "no": {"marker": "X", "color": OUTCOME_COLOURS["collapsed"]},
}
"""An answer by shape and colour."""
STANDING_LOOKS: dict[str, dict[str, Any]] = {
    "assumed": {"marker": "o", "mfc": PAPER},
    "size assumed": {"marker": "o", "fillstyle": "left", "markerfacecoloralt": PAPER},
    "stated": {"marker": "s", "mfc": INK},
    "sourced": {"marker": "o", "mfc": INK},
    "record": {"marker": "D", "mfc": INK},
}
"""How much of a number is assumed, as a mark that is told apart without colour."""

WIDTH, HEIGHT, DPI = 1920, 1080, 150
"""A slide of 16:9, in pixels."""
TITLE, HEADING, BODY, SMALL, CAPTION = 18.6, 13.5, 12.0, 10.5, 8.6
"""Type sizes in points; a point is 2.08 pixels."""
FONT = "DejaVu Sans"
"""Comes with Matplotlib, so that figures look the same everywhere."""

STYLE: dict[str, Any] = {
    "figure.figsize": (WIDTH / DPI, HEIGHT / DPI),
    "figure.dpi": DPI,
    "font.family": FONT,
    "font.size": BODY,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "text.usetex": False,
    "text.hinting": "none",  # words are as wide in the picture as `text_width` says
    "axes.edgecolor": RULE,
    "axes.labelcolor": SOFT,
    "axes.labelsize": BODY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "xtick.labelsize": BODY,
    "ytick.labelsize": BODY,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "svg.fonttype": "path",
    "svg.hashsalt": "truce-sim",
}


DEFAULTS = {
    name: value
    for name, value in matplotlib.rcParamsDefault.items()
    if not name.startswith(("backend", "interactive", "toolbar"))
}
"""Settings as Matplotlib ships them, but for those that say where figures are shown."""
_drawing: ContextVar[bool] = ContextVar("_drawing", default=False)


def actor_colours(conflict: Conflict) -> dict[str, str]:
    """Return the colour of each actor by id: its own, or one of `PALETTE` that no other has.

    With more actors than colours, colours come again.
    """
    own = {actor.colour.upper() for actor in conflict.actors}
    free = itertools.cycle([colour for colour in PALETTE if colour not in own] or PALETTE)
    return {actor.id: actor.colour or next(free) for actor in conflict.actors}


def ink_on(colour: str) -> str:
    """Return the colour of words that can be read on a colour."""
    red, green, blue = to_rgb(colour)
    return PAPER if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45 else INK


def tint(colour: str, share: float = 0.45) -> tuple[float, float, float]:
    """Mix a colour with white: a lighter area of the same name."""
    red, green, blue = (1.0 - share * (1.0 - part) for part in to_rgb(colour))
    return red, green, blue


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the project, whatever the user's own settings of Matplotlib."""
    if _drawing.get():
        yield
        return
    with matplotlib.rc_context():
        settings: Any = matplotlib.rcParams
        settings.update(
            {name: value for name, value in DEFAULTS.items() if settings[name] != value}
        )
        settings.update(STYLE)
        within = _drawing.set(True)
        try:
            yield
        finally:
            _drawing.reset(within)


# ------------------------------------------------------------------ text


def _properties(size: float, weight: str = "normal") -> FontProperties:
    return FontProperties(family=FONT, size=size, weight=weight)


@functools.cache
def _letters() -> frozenset[int]:
    """The code points that the font has both in normal and in bold."""
    paths = (findfont(_properties(BODY, weight)) for weight in ("normal", "bold"))
    normal, bold = (frozenset(get_font(path).get_charmap()) for path in paths)
    return normal & bold


def drawable(text: str) -> str:
    """Return text in which every character that the font lacks is a box.

    Control characters are made visible, so that no text breaks a line or warns.
    """
    return "".join(c if ord(c) in _letters() else "□" for c in printable(text))


def left_to_right(line: str) -> str:
    """Keep a line that holds words of a right-to-left script in the order of an English sentence.

    Otherwise such a word at its beginning would turn the whole line around, numbers included.
    """
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in line)
    return f"\u200e{line}" if turned else line


@functools.lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text, in pixels of the figure."""
    width, _, _ = text_to_path.get_text_width_height_descent(
        text, _properties(size, weight), ismath=False
    )
    return float(width) * DPI / 72.0


def wrap(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines of at most ``width`` pixels, inside a word only if it must be."""
    lines: list[str] = []
    words = text.split(" ")
    while words:
        if not words[0]:
            del words[0]
            continue
        fitting = _fitting(words, width, size, weight)
        if fitting == 0:
            *whole, words[0] = _pieces(words[0], width, size, weight)
            lines += whole
            if whole:
                continue
            fitting = 1  # a letter as wide as the line
        lines.append(" ".join(words[:fitting]))
        del words[:fitting]
    return lines or [""]


def _fitting(words: list[str], width: float, size: float, weight: str) -> int:
    """How many of the words fit into a line; few lines are measured, since that takes time."""
    number, reach = 0, 0.0
    while number < len(words) and reach <= width:
        reach += _rough_width(f"{words[number]} ", size, weight)
        number += 1

    def fits(some: int) -> bool:
        return text_width(" ".join(words[:some]), size, weight) <= width

    while number > 0 and not fits(number):
        number -= 1
    while number < len(words) and fits(number + 1):
        number += 1
    return number


def _rough_width(text: str, size: float, weight: str) -> float:
    """Width of text in pixels to a per cent or so: letter by letter, as if none moved another."""
    return sum(_advance(letter, weight) for letter in text) * size * DPI / 72.0


@functools.cache
def _advance(letter: str, weight: str) -> float:
    """How far a letter moves the next one, in parts of the font's size."""
    font = get_font(findfont(_properties(BODY, weight)))
    font.set_size(100.0, 72.0)
    return float(font.load_char(ord(letter), LoadFlags.NO_HINTING).linearHoriAdvance) / 6553600.0


def fitting(text: str, width: float, size: float, lines: int = 1, weight: str = "normal") -> str:
    """Cut text to some lines of at most ``width`` pixels; what is cut ends in an ellipsis."""
    whole = wrap(drawable(text), width, size, weight)
    if len(whole) <= lines:
        return "\n".join(whole)
    last = wrap(whole[lines - 1], width - text_width(" …", size, weight), size, weight)[0]
    return "\n".join([*whole[: lines - 1], f"{last} …"])


def line_height(size: float) -> float:
    """Distance from a line of text to the next, in pixels of the figure."""
    return 1.42 * size * DPI / 72.0


_SLACK = 0.96
"""How much narrower a line may be than its letters one by one."""


def balanced(lines: list[str], width: float, size: float, weight: str = "normal") -> list[str]:
    """Break the same words anew so that no line is left with a last word alone."""
    text = " ".join(lines)
    longest = sum(_rough_width(line, size, weight) for line in lines)
    for share in (0.4, 0.5, 0.55, 0.65, 0.75, 0.85, 0.95):
        if _SLACK * longest > len(lines) * share * width:
            continue  # the words are wider than so many lines
        tried = wrap(text, share * width, size, weight)
        if len(tried) == len(lines):
            return tried
    return lines


def _pieces(word: str, width: float, size: float, weight: str) -> list[str]:
    """Cut a word that is wider than a line."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, size, weight) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def spread(wanted: list[float], heights: list[float], top: float) -> list[float]:
    """Move labels apart so that none overlap.

    Parameters
    ----------
    wanted
        Where the middle of each label belongs, in rising order.
    heights
        How high each is, in the same unit.
    top
        The upper edge, which the highest must not cross.

    Returns
    -------
    list of float
        Where the middle of each label goes, in the same order.
    """
    places: list[float] = []
    for i, (want, height) in enumerate(zip(wanted, heights, strict=True)):
        below = places[-1] + (heights[i - 1] + height) / 2.0 if places else want
        places.append(max(want, below))
    for i in reversed(range(len(places))):
        above = places[i + 1] - heights[i + 1] / 2.0 if i + 1 < len(places) else top
        places[i] = min(places[i], above - heights[i] / 2.0)
    return places
