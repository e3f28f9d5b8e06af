"""Figures as bytes, the same for the same figure: no date is written."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from sim.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def vector(figure: Figure) -> bytes:
    """Return a figure as SVG, its words as outlines."""
    file = io.BytesIO()
    with style.style():
        nothing = {"Date": None, "Creator": None}
        FigureCanvasSVG(figure).print_figure(file, format="svg", metadata=nothing)
    return file.getvalue()


def raster(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    file = io.BytesIO()
    with style.style():
        FigureCanvasAgg(figure).print_figure(file, format="png", metadata={"Software": None})
    return file.getvalue()
