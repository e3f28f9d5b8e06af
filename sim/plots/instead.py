"""What stands in a document where a figure failed."""

from __future__ import annotations

import sys
from collections.abc import Callable

from matplotlib.figure import Figure

from sim.plots.page import Size, Words, figure_of, new_sheet, one_line
from sim.plots.style import BODY, SOFT, line_height, wrap


def or_words(draw: Callable[[Size], Figure], name: str) -> Callable[[Size], Figure]:
    """Return what draws a figure, or words in its place if it fails; standard error says why.

    Parameters
    ----------
    draw
        Draws it in a size.
    name
        What it is called, for the message.
    """

    def drawn(size: Size) -> Figure:
        try:
            return draw(size)
        except Exception as error:
            why = f"The figure '{name}' could not be drawn ({type(error).__name__}: {error})."
            sys.stderr.write(f"truce: {one_line(why)}\n")
            return words_alone(why, size=size)

    return drawn


@figure_of
def words_alone(text: str, *, size: Size = "page") -> Figure:
    """Draw nothing but a sentence."""
    sheet = new_sheet(size, Words("", ""), 4 * line_height(BODY), bare=True)
    lines = wrap(one_line(text), sheet.width, BODY)[:4]
    sheet.text(0.0, 0.0, "\n".join(lines), size=BODY, color=SOFT, parse_math=False)
    return sheet.figure
