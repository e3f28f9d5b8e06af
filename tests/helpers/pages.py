"""How a page is built: its tags in their order, read without a browser."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

EMPTY = {"meta", "img", "source", "br", "link"}


class Structure(HTMLParser):
    """The tags of a page with their attributes and those they stand in, and what is amiss."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self._within: list[str] = []
        self.unclosed: list[str] = []
        self.feed(text)
        self.unclosed += self._within

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs), tuple(self._within)))
        if tag not in EMPTY:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()
        else:
            self.unclosed.append(tag)

    def named(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of all tags of these names."""
        return [told for tag, told, _ in self.tags if tag in names]


def amiss(text: str) -> list[str]:
    """What a reader by keyboard or by ear would miss on a page; empty if all is well."""
    page = Structure(text)
    found = [f"not closed in its place: {tag}" for tag in page.unclosed]
    levels = [int(tag[1]) for tag, *_ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append(f"not one h1 at the head: {levels}")
    steps = pairwise(levels)
    found += [f"h{before} is followed by h{after}" for before, after in steps if after > before + 1]
    found += ["a picture without words" for one in page.named("img") if not one.get("alt")]
    found += ["a head without scope" for one in page.named("th") if not one.get("scope")]
    if not page.named("html")[0].get("lang"):
        found.append("no language")
    found += [f"not one {name}" for name in ("main", "nav") if len(page.named(name)) != 1]
    ids = [str(told["id"]) for _, told, _ in page.tags if "id" in told]
    found += [f"twice there: {one}" for one in set(ids) if ids.count(one) > 1]
    links = [str(one["href"]) for one in page.named("a")]
    found += [f"leads nowhere: {one}" for one in links if one[:1] != "#" or one[1:] not in ids]
    for tag, told, within in page.tags:
        if int(told.get("tabindex") or 0) > 0:
            found.append(f"out of the order of the Tab key: {tag}")
        if tag in ("a", "button") and {"a", "button"} & set(within):
            found.append(f"{tag} within {within[-1]}")
    return found
