"""One world played agent by agent, with Mesa: to watch, to teach, and to try ideas of your own.

The agents decide, by the same rules and the same luck as the compiled engine, so that a world is
the same world in both, bit for bit. Give an actor a class of your own and the history changes::

    class Refuses(Belligerent):
        def chances(self, q):
            return 0.0, 0.0

    CeasefireModel("baseline", world=17, actors={"russia": Refuses}).run()
"""

from sim.mesa_model.agents import Actor, Belligerent, Bloc, Mediator
from sim.mesa_model.model import CeasefireModel

__all__ = ["Actor", "Belligerent", "Bloc", "CeasefireModel", "Mediator"]
