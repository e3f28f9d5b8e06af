"""A figure's files: the same figure gives the same bytes."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from sim.plots import style


def write_figure(figure: Figure, folder: Path, name: str) -> None:
    """Write ``<name>.png`` (1920 by 1080) and ``<name>.svg`` into a folder.

    No date is written, and words in the SVG are outlines.
    """
    with style.style():
        with (folder / f"{name}.png").open("wb") as file:
            FigureCanvasAgg(figure).print_figure(file, format="png", metadata={"Software": None})
        with (folder / f"{name}.svg").open("wb") as file:
            nothing = {"Date": None, "Creator": None}
            FigureCanvasSVG(figure).print_figure(file, format="svg", metadata=nothing)
