"""The pages on which levers are moved: one that a server feeds, and one that is a single file.

Both share their style and their script, plain HTML, CSS and JavaScript without a build step. A page
shows whatever a title or a doubt holds as text and never runs it.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from sim.page.about import about, error_of, glossary
from sim.page.pack import digest, island, one_script
from sim.text import printable

__all__ = ["ASSETS", "PROGRAM", "Part", "error_of", "levers_part", "live_page", "page_of"]

PROGRAM = "truce-sim explore"
"""What made a page, as it says where readers do not see it."""
_FOLDER = Path(__file__).with_name("assets")
_NAMES = (
    *("levers.css", "page.css"),
    *("answer.js", "asker.js", "compare.js", "controls.js", "dom.js", "doubts.js", "finding.js"),
    *("live.js", "outcomes.js", "save.js", "share.js", "state.js", "strips.js", "words.js"),
    "world.js",
)
ASSETS: Mapping[str, Path] = MappingProxyType({name: _FOLDER / name for name in _NAMES})
"""By name, the files that the live page loads from ``/assets/``: styles and modules."""


class Part(NamedTuple):
    """Levers as a part of another page.

    Attributes
    ----------
    html
        What stands in the page, with the emulator's document as data.
    css, js
        The text of its style and of its script, which the page's content policy must allow.
    """

    html: str
    css: str
    js: str


@functools.cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def levers_part(document: Mapping[str, Any], level: int = 3) -> Part:
    """Return the levers over an emulator as a part of a page, such as a briefing.

    All ids and classes begin with ``lv-``. The colours ``--ink``, ``--soft``, ``--rule``,
    ``--paper``, ``--link``, ``--warn``, ``--warm`` and ``--band`` are those of the page. Words are
    not explained: the page may have a glossary of its own.

    Parameters
    ----------
    document
        As `sim.explore(...).as_dict()` gives it.
    level
        The level of its headings; those within are one lower. 2 is that of a page of its own.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.
    """
    title = "" if level == 2 else '<p class="answer" id="lv-title"></p>\n'
    fragment = (
        f'<div class="lv-part">\n{title}{_without_script(document)}'
        f'<div id="lv-root" data-level="{level}"></div>\n'
        f'<script type="application/json" id="lv-document">{island(document)}</script>\n'
        f"{about(document, level)}</div>\n"
    )
    return Part(fragment, _read("levers.css"), one_script("one.js", _read))


def page_of(document: Mapping[str, Any]) -> bytes:
    """Return the levers over an emulator as one HTML file that asks for nothing from anywhere.

    The same document gives the same bytes. The content policy allows no style and no script but
    those within, by their hashes, and no request.

    Parameters
    ----------
    document
        As `sim.explore(...).as_dict()` gives it.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.
    """
    document = {**document, "title": printable(document["title"])}
    part = levers_part(document, 2)
    style = _read("page.css") + part.css
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(part.js)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"{_head(document['title'])}<style>{style}</style>\n"
    )
    kind = f"{document['title']} · as of {document['as_of']}, {document['horizon_days']} days ahead"
    held = document["today"]["held"]["mean"]
    title = f"As it stands, a truce holds in {100.0 * held:.0f} of 100 worlds"
    main = f'{part.html}<div class="lv-part">\n{glossary(2)}</div>\n'
    return _page(head, kind, title, main, f"<script>{part.js}</script>\n").encode()


def live_page() -> bytes:
    """Return the page that asks a server: its style and modules are `ASSETS`."""
    head = (
        f"{_head('Levers')}"
        '<link rel="icon" href="data:,">\n'
        '<link rel="stylesheet" href="/assets/page.css">\n'
        '<link rel="stylesheet" href="/assets/levers.css">\n'
    )
    main = (
        '<div class="lv-part">\n<noscript><p class="lv-warning">This page needs JavaScript.</p>'
        '</noscript>\n<div id="lv-live"><p>The worlds are being run …</p></div>\n'
        f"{glossary(2)}</div>\n"
    )
    script = '<script type="module" src="/assets/live.js"></script>\n'
    return _page(head, "truce explore", "Levers", main, script).encode()


def _head(title: str) -> str:
    return (
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta name="generator" content="{PROGRAM}">\n'
        f"<title>{html.escape(title)}</title>\n"
    )


def _page(head: str, kind: str, title: str, main: str, script: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{head}</head>\n'
        "<body>\n"
        f'<header class="lv-page-head">\n<p dir="auto" id="lv-kind">{html.escape(kind)}</p>\n'
        f'<h1 id="lv-title">{html.escape(title)}</h1>\n</header>\n<main>\n{main}</main>\n'
        f"{script}</body>\n</html>\n"
    )


def _without_script(document: Mapping[str, Any]) -> str:
    held, agreed = (100.0 * document["today"][name]["mean"] for name in ("held", "agreed"))
    return (
        '<noscript><p class="lv-warning">The levers need JavaScript. As it stands, a truce is '
        f"agreed in {agreed:.1f} % of worlds and holds in {held:.1f} %.</p></noscript>\n"
    )
