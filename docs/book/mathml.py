"""Sets formulas as MathML, which every browser reads, so that the book needs no network."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

BETTER = (
    (re.compile(r"<mtext>([A-Za-z]\w+)</mtext>"), r"<mi>\1</mi>"),  # a name
    (re.compile(r"<mo>(max|min)</mo>"), r"<mi>\1</mi>"),  # no space before their brackets
    (re.compile(r"<mo>\|</mo>"), '<mo stretchy="false">|</mo>'),
    (re.compile("<mo>'</mo>"), '<mo lspace="0" rspace="0">\u2032</mo>'),
)


def mathml(formula: str, as_block: bool = False) -> str:
    """A formula in MathML; words of one `text` each are names, not words of a sentence."""
    found: str = tex2mathml(formula, as_block=as_block)
    for pattern, instead in BETTER:
        found = pattern.sub(instead, found)
    return found


def inline(self: Any, node: Any) -> None:
    """Set a formula in a sentence."""
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block(self: Any, node: Any) -> None:
    """Set a formula apart; what is too long for the page scrolls in its own box."""
    self.body.append(f'<div class="formula" tabindex="0">{mathml(node.astext(), True)}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx who sets formulas."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
