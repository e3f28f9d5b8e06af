"""What every figure's page has: a finding on top, where the numbers come from below, and files."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from sim.plots import style
from sim.plots.style import (
    BODY,
    CAPTION,
    MARGIN,
    SOFT,
    TITLE,
    WIDTH,
    balanced,
    left_to_right,
    wrap,
)

INNER = (1.0 - 2.0 * MARGIN) * WIDTH
"""Width between the margins, in pixels."""


def heading(figure: Figure, finding: str, below: str) -> None:
    """Write a finding in bold, and under it what is shown; both of words that the font has."""
    lines = wrap(finding, INNER, TITLE, "bold")
    lines = balanced(lines, INNER, TITLE, "bold")
    y = 0.955 if len(lines) > 1 else 0.93
    for line in lines:
        text = left_to_right(line)
        figure.text(MARGIN, y, text, size=TITLE, weight="bold", va="top", gid="title")
        y -= 0.054
    for line in wrap(below, INNER, BODY):
        figure.text(MARGIN, y - 0.006, line, size=BODY, color=SOFT, va="top", gid="below")
        y -= 0.036


def footer(figure: Figure, provenance: str) -> None:
    """Write where the numbers come from."""
    lines = wrap(provenance, INNER, CAPTION)
    text = "\n".join(balanced(lines, INNER, CAPTION))
    figure.text(MARGIN, 0.03, text, size=CAPTION, color=SOFT, linespacing=1.4, gid="caption")


def save_figure(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as ``name.png`` (1920 by 1080) and ``name.svg``.

    The same figure gives the same bytes: no date is written, and words in the SVG are outlines.
    """
    with style.style():
        with (folder / f"{name}.png").open("wb") as file:
            FigureCanvasAgg(figure).print_figure(file, format="png", metadata={"Software": None})
        with (folder / f"{name}.svg").open("wb") as file:
            nothing = {"Date": None, "Creator": None}
            FigureCanvasSVG(figure).print_figure(file, format="svg", metadata=nothing)
