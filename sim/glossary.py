"""The words of the results, each explained once: for `docs/glossary.md` and for the briefings."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word that results use in a sense of their own.

    Attributes
    ----------
    word
        As the glossary lists it.
    meaning
        One or two plain sentences.
    page
        The page of `docs/` that derives it, with its heading's anchor if it has one.
    also
        Other forms in which it stands in a text, such as its plural.
    """

    word: str
    meaning: str
    page: str
    also: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The place of its explanation in a document."""
        return "word-" + re.sub(r"\W+", "-", self.word.casefold()).strip("-")


GLOSSARY = (
    Term("agreed", "A full truce took effect in that world, whether it then held or collapsed.",
         "model.md#9-what-is-recorded"),
    Term("as-of day", "The day from which a forecast looks ahead. Nothing dated later enters it.",
         "model.md#6-input-data", ("as of",)),
    Term("base rate", "The odds from history alone: how long the war has gone without a truce, and "
         "how often truces of other wars lasted. The model takes no part in it.",
         "calibration.md#7-what-moves-the-odds", ("base rates",)),
    Term("baseline", "The scenario in which every lever stays as it stood on the as-of day. "
         "A scenario that stands alone is compared with it.", "levers.md"),
    Term("blocked last", "A side blocked last if it refused in the last round that failed; if both "
         "refused, it is the second that was asked. The issue is the one whose terms cost it most.",
         "model.md#9-what-is-recorded", ("blocks last",)),
    Term("collapsed", "An ending: a full truce was agreed, and none held for its 30 days.",
         "model.md#1-purpose-and-patterns"),
    Term("deferred", "The package leaves the issue for later talks and names no terms on it.",
         "model.md#72-the-blocs-and-the-package-blocspy-mediatorpy"),
    Term("dice", "The error that comes from simulating a limited number of worlds, as a 95 % "
         "interval. It shrinks as more worlds are run.",
         "answers.md#part-three-what-the-intervals-hold-and-what-none-of-it-says",
         ("95 % dice", "95% dice")),
    Term("effective size", "How many equally weighted members would tell as much as the weighted "
         "ones do. Where it is small, a few members decide the result.",
         "calibration.md#2-the-particle-filter"),
    Term("ensemble", "All members together. Guesses were kept whose simulated past comes out much "
         "like the record.", "calibration.md#3-the-ensembles"),
    Term("held", "An ending: a full truce was agreed and lasted its 30 days.",
         "model.md#1-purpose-and-patterns"),
    Term("horizon", "How many days a forecast looks ahead.",
         "model.md#2-entities-state-variables-and-scales"),
    Term("lever", "A setting that a scenario can change, such as a threat, an offer or a supply.",
         "levers.md", ("levers",)),
    Term("logit", "log(p / (1 - p)) of a chance p: the scale on which influences on it add up. "
         "One logit moves a chance of 50 % to 73 %.", "parameters.md", ("logits",)),
    Term("median member", "The member in the middle: half of the members give lower odds, and half "
         "give higher odds. It can lie well below the mean.", "results.md#the-documents"),
    Term("member", "One consistent guess at everything that is already settled today but is not "
         "known, such as how much a side minds the war.", "calibration.md#3-the-ensembles",
         ("members",)),
    Term("members' interval", "The range that holds the odds of nine in ten members. It shows how "
         "much is not known, and does not shrink as more worlds are run.",
         "answers.md#part-three-what-the-intervals-hold-and-what-none-of-it-says",
         ("90 % of members", "90% of members", "nine in ten members")),
    Term("partial only", "An ending: a partial truce took effect, no full truce was agreed, and "
         "the mediator did not leave.", "model.md#1-purpose-and-patterns"),
    Term("posterior", "What is believed after the record has been taken into account. "
         "A posterior ensemble is one that was conditioned on the record.",
         "calibration.md#2-the-particle-filter"),
    Term("prior", "What is believed before the record is taken into account.", "parameters.md",
         ("priors",)),
    Term("same luck", "Scenarios are compared world by world with the same members and the same "
         "random numbers, so that they differ by their levers alone.", "model.md#8-luck",
         ("paired",)),
    Term("scenario", "A question together with the levers that it sets, a day from which it looks "
         "ahead, and a horizon.", "model.md#6-input-data", ("scenarios",)),
    Term("seed", "The number from which all random numbers follow. The same seed and the same "
         "inputs give the same result.", "model.md#8-luck"),
    Term("Shapley share", "A lever's part of a difference, averaged over all orders in which the "
         "levers could be changed. The shares add up to the whole difference.",
         "answers.md#why-two-scenarios-differ", ("Shapley shares",)),
    Term("stakes", "The unit of worth: the distance in utility between a side's worst and its best "
         "settlement. Each side has its own, so that worths of two sides cannot be added.",
         "model.md#712-what-a-world-is-worth-simenginerulespricepy"),
    Term("verdict", "How a difference is judged. Tied: its 95 % interval holds 0. Ahead or behind: "
         "it does not; 'on average' is added where more than 1 in 20 members have the other sign.",
         "results.md#the-documents", ("ahead on average", "behind on average", "members ahead")),
    Term("walked away", "An ending: no full truce was agreed, and the mediator has left the talks.",
         "model.md#1-purpose-and-patterns"),
    Term("world", "One simulated course of the days ahead, with one member and its own luck. "
         "Odds are shares of worlds.", "model.md#2-entities-state-variables-and-scales",
         ("worlds",)),
    Term("worth", "What a world is worth to a side by its end, in stakes: the settlement or the "
         "war that follows, less the cost of war and sanctions until then.",
         "model.md#712-what-a-world-is-worth-simenginerulespricepy"),
)  # fmt: skip
"""In the order of the alphabet; at most thirty, all of them shown by the program."""


@functools.cache
def _forms() -> tuple[re.Pattern[str], dict[str, Term]]:
    """A pattern that finds any form of any word, the longest first, and the term of each form."""
    of = {form.casefold(): term for term in GLOSSARY for form in (term.word, *term.also)}
    longest = sorted(of, key=len, reverse=True)
    words = "|".join(re.escape(form).replace(r"\ ", r"\s") for form in longest)
    return re.compile(rf"(?<![\w./-])(?:{words})(?![\w/-])", re.IGNORECASE), of


class Reader:
    """Reads texts in the order of a document, and finds where each word first stands."""

    def __init__(self) -> None:
        self._met: set[Term] = set()

    def pieces(self, text: str) -> Iterator[tuple[str, Term | None]]:
        """Cut a text into pieces, each with the term that is met here first, or None.

        The pieces together are the text.
        """
        pattern, of = _forms()
        done = 0
        for found in pattern.finditer(text):
            term = of[" ".join(found[0].casefold().split())]
            if term in self._met:
                continue
            self._met.add(term)
            yield text[done : found.start()], None
            yield found[0], term
            done = found.end()
        yield text[done:], None

    def met(self) -> list[Term]:
        """The terms met so far, in the order of the alphabet."""
        return [term for term in GLOSSARY if term in self._met]
