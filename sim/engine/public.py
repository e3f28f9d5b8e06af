"""Public events: what the rules bring about, or a record may tell, and the words for it.

The kinds of evidence (`sim.inputs.kinds`), the words of a replay and the columns ``day_<event>``
of ``worlds.parquet`` all read this table. The engine knows roles: ``{r}``, ``{u}``, ``{mediator}``
and ``{blocs}`` in the words stand for names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.engine.domain import Public


class PublicEvent(NamedTuple):
    """A public event that the rules can bring about.

    Attributes
    ----------
    told_as
        The kind of evidence that reports it.
    actor
        The role of who does it: ``r``, ``u``, ``mediator``, ``blocs``; empty if no one alone does.
    words
        What is said of it in a sentence, without its full stop.
    own_name
        What it is called where the kind of evidence and the actor do not tell it from another.
    """

    told_as: str
    actor: str
    words: str
    own_name: str = ""

    @property
    def name(self) -> str:
        """What it is called in scenarios and results; with the actor, it is the only one."""
        return self.own_name or self.told_as


def in_words(event: Public, names: Mapping[str, str]) -> str:
    """Return a public event in words; ``names`` are those of the roles."""
    return PUBLIC_EVENTS[event].words.format(**names)


PUBLIC_EVENTS: dict[Public, PublicEvent] = {
    Public.ACCEPTS_R: PublicEvent("accepts_truce", "r", "{r} accepts the full truce proposed"),
    Public.ACCEPTS_U: PublicEvent("accepts_truce", "u", "{u} accepts the full truce proposed"),
    Public.CONDITIONS_R: PublicEvent("conditions_truce", "r", "{r} names conditions for a truce"),
    Public.CONDITIONS_U: PublicEvent("conditions_truce", "u", "{u} names conditions for a truce"),
    Public.REJECTS_R: PublicEvent("rejects_truce", "r", "{r} rejects the full truce proposed"),
    Public.REJECTS_U: PublicEvent("rejects_truce", "u", "{u} rejects the full truce proposed"),
    Public.BOTH_REFUSE: PublicEvent(
        "rejects_truce", "", "Neither side accepts in the same round", "both_refuse"
    ),
    Public.DIRECT_TALKS: PublicEvent("direct_talks", "", "The two sides talk without the mediator"),
    Public.TRUCE_BEGINS: PublicEvent("truce_starts", "", "A full truce takes effect"),
    Public.TRUCE_HOLDS: PublicEvent("truce_holds", "", "The full truce has held its 30 days"),
    Public.R_BREAKS_TRUCE: PublicEvent("truce_collapses", "r", "{r} breaks the full truce"),
    Public.U_BREAKS_TRUCE: PublicEvent("truce_collapses", "u", "{u} breaks the full truce"),
    Public.PARTIAL_BEGINS: PublicEvent("partial_truce_starts", "", "A partial truce takes effect"),
    Public.PARTIAL_ENDS_EARLY: PublicEvent(
        "partial_truce_ends",
        "",
        "A side ends the partial truce before its term",
        "partial_truce_ends_early",
    ),
    Public.PARTIAL_ENDS_AT_TERM: PublicEvent(
        "partial_truce_ends",
        "",
        "The partial truce ends at its term",
        "partial_truce_ends_at_term",
    ),
    Public.PAUSE_R: PublicEvent("short_truce", "r", "{r} declares a short pause"),
    Public.MEDIATOR_SANCTIONS: PublicEvent(
        "imposes_sanctions", "mediator", "{mediator} carries out its threat of sanctions"
    ),
    Public.BLOCS_SANCTIONS: PublicEvent(
        "imposes_sanctions", "blocs", "{blocs} carries out its threat of sanctions"
    ),
    Public.ARMS_PAUSE: PublicEvent(
        "arms_pause_begins",
        "mediator",
        "{mediator} carries out its threat and cuts arms supply to {u}",
    ),
    Public.MEDIATOR_LETS_PASS: PublicEvent(
        "declines_sanctions", "mediator", "{mediator} lets its threat of sanctions pass"
    ),
    Public.BLOCS_LET_PASS: PublicEvent(
        "declines_sanctions", "blocs", "{blocs} lets its threat of sanctions pass"
    ),
    Public.ARMS_LET_PASS: PublicEvent(
        "declines_sanctions",
        "mediator",
        "{mediator} lets its threat to cut arms supply pass",
        "declines_arms_pause",
    ),
    Public.NEW_SANCTIONS: PublicEvent(
        "imposes_sanctions", "", "New sanctions on {r}", "new_sanctions"
    ),
    Public.RELIEF: PublicEvent("relief_granted", "", "Some sanctions on {r} are lifted in a truce"),
    Public.STRIKES_R: PublicEvent("strikes_intensify", "r", "{r} steps up its strikes"),
    Public.STRIKES_U: PublicEvent("strikes_intensify", "u", "{u} steps up its strikes"),
    Public.PATIENCE_THIN: PublicEvent(
        "signals_walk_away", "mediator", "{mediator} warns that it may leave"
    ),
    Public.MEDIATOR_LEAVES: PublicEvent(
        "mediator_leaves", "mediator", "{mediator} leaves the talks"
    ),
}
"""Every public event of a forecast, in the order of the columns."""
