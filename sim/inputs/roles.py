"""Who plays which role in a conflict, and what they are called."""

from __future__ import annotations

import functools
from pathlib import Path

from sim.errors import CalibrationError
from sim.inputs.actors import Actor, load_actors
from sim.inputs.facts import Facts, load_facts


class Roles:
    """The actors of a conflict by their roles; a `sim.inputs.conflict.Conflict` is one.

    Attributes
    ----------
    calibration
        The folder of ``actors.toml`` and ``conflict.toml``.
    """

    calibration: Path

    @functools.cached_property
    def facts(self) -> Facts:
        """Days, holidays and base rates: ``conflict.toml``."""
        return load_facts(self.calibration / "conflict.toml")

    @functools.cached_property
    def actors(self) -> tuple[Actor, ...]:
        """Who plays which role: ``actors.toml``, in the order of the file."""
        actors = load_actors(self.calibration / "actors.toml")
        together = self.facts.together.id
        if together in (actor.id for actor in actors):
            what = f"is an actor's id, and conflict.toml calls all blocs together '{together}'."
            raise CalibrationError(f"actors.toml: {together}", what, "Rename one of the two.")
        return actors

    def _playing(self, role: str) -> tuple[Actor, ...]:
        return tuple(actor for actor in self.actors if actor.role == role)

    @property
    def sides(self) -> tuple[Actor, Actor]:
        """The belligerents in the order of `sim.engine.domain.Side`: R, then U."""
        return self._playing("belligerent_r")[0], self._playing("belligerent_u")[0]

    @property
    def side_ids(self) -> tuple[str, str]:
        """The ids of side R and side U."""
        r, u = self.sides
        return r.id, u.id

    @property
    def mediator(self) -> Actor:
        """The mediator."""
        return self._playing("mediator")[0]

    @property
    def blocs(self) -> tuple[Actor, ...]:
        """The blocs, in the order in which records hold them."""
        return self._playing("bloc")

    @property
    def bloc_ids(self) -> tuple[str, ...]:
        """The ids of the blocs, in the order in which records hold them."""
        return tuple(bloc.id for bloc in self.blocs)

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """What each actor is called in a sentence, by id; the blocs together, too."""
        together = self.facts.together
        return {**{actor.id: actor.name for actor in self.actors}, together.id: together.name}

    @property
    def role_names(self) -> dict[str, str]:
        """What is said for each role in the words of `sim.engine.public`."""
        r, u = self.sides
        blocs = self.facts.together.name
        return {"r": r.name, "u": u.name, "mediator": self.mediator.capital, "blocs": blocs}
