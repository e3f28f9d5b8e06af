"""The agents: each decides by the rules and by the luck that is looked up for it."""

from __future__ import annotations

from typing import Protocol

import mesa
import numpy as np

from sim.engine.domain import NONE, Side
from sim.engine.records import Clock, Day, Member, Package, Policy, State
from sim.engine.rules import answers, blocs, gains, mediator, pressure, proposal, truce
from sim.engine.scratch import Proposal
from sim.engine.streams import Purpose, happens, poisson, uniforms
from sim.errors import ScenarioError

Luck = tuple[float, float, float, float]
RuleInputs = tuple[Member, State, Policy]


class World(Protocol):
    """What agents see of the model in which they live; `CeasefireModel` is one.

    Attributes
    ----------
    member, state, policy, package, trial, clock, today
        The records that rules read, of the types in `sim.engine.records`.
    """

    member: Member
    state: State
    policy: Policy
    package: Package
    trial: Proposal
    clock: Clock
    today: Day

    @property
    def day(self) -> int:
        """The day that is being lived."""


class Actor(mesa.Agent):
    """Someone who decides.

    Attributes
    ----------
    id
        As in `calibration/actors.toml`.
    """

    model: World

    def __init__(self, model: World, name: str) -> None:
        super().__init__(model)
        self.id = name

    @property
    def sees(self) -> RuleInputs:
        """What every rule reads: the member, yesterday's state, today's levers."""
        return self.model.member, self.model.state, self.model.policy

    def luck(self, purpose: Purpose, number: int = 0) -> Luck:
        """Look up today's four uniforms for a purpose."""
        clock = self.model.clock
        return uniforms(clock.seed, clock.world, clock.day, int(purpose), number)

    def carries_out(self, threat: int, purpose: Purpose, led: bool) -> bool:
        """Whether this actor, as the issuer of a threat, carries it out now that it falls due.

        ``led`` says whether the mediator has just carried out its own.
        """
        if purpose == Purpose.FOLLOW_THROUGH:
            chance = pressure.refusal_answered_chance(*self.sees, threat, led)
        else:
            chance = pressure.follow_through_chance(*self.sees, threat, led)
        return self.luck(purpose, threat)[0] < chance


class Belligerent(Actor):
    """One of the two sides; see `sim.engine.rules.answers` for its preferences."""

    def __init__(self, model: World, name: str, side: Side) -> None:
        super().__init__(model, name)
        self.side = int(side)

    def gain(self) -> float:
        """What signing the package on the table is worth over fighting on, in stakes."""
        return gains.signing_gain(*self.sees, self.model.package, self.side)

    def chances(self, q: float) -> tuple[float, float]:
        """Chances of a yes and of a condition, if the other side accepts with chance ``q``.

        In direct talks the other side reads this too, and with the mediator as far as
        ``opponent_known`` says; to change what a side says without anyone expecting it, override
        `answer`.
        """
        refused = answers.refusal(*self.sees, self.side)
        mediated = self.model.today.mediated
        return answers.round_chances(self.model.member, refused, q, self.gain(), mediated)

    def checked_chances(self, q: float) -> tuple[float, float]:
        """`chances`, which in a class of the user's own may be anything."""
        yes, but = self.chances(q)
        if not (yes >= 0.0 and but >= 0.0 and yes + but <= 1.0 + 1e-9):
            what = f"{(yes, but)!r} are no two chances."
            todo = "Return those of a yes and of a condition, 0 to 1 together."
            raise ScenarioError(f"{self.id}: chances", what, todo)
        return yes, but

    def answer(self, q: float) -> int:
        """Say yes, yes but, or no (`sim.engine.domain.Answer`)."""
        yes, but = self.checked_chances(q)
        return answers.choose(yes, but, self.luck(Purpose.ANSWER, self.side)[0])

    def blocks_on(self) -> int:
        """The issue on which the package costs this side most."""
        return answers.binding_issue(*self.sees, self.model.package, self.side)

    def declares_pause(self) -> bool:
        """Whether this side declares a short pause today; only side R is asked."""
        member, state, _ = self.sees
        holiday = self.model.clock.holiday
        return self.luck(Purpose.CALENDAR)[3] < mediator.pause_chance(member, state, holiday)

    def mirrors_pause(self) -> bool:
        """Whether this side keeps a pause that the other has declared; only side U is asked."""
        chance = answers.mirror_chance(*self.sees, self.model.package)
        return self.luck(Purpose.PAUSE)[0] < chance

    def asks_extension(self) -> bool:
        """Whether this side asks to extend a pause that ends today; only side U is asked."""
        return self.luck(Purpose.PAUSE)[1] < self.model.member.pause_extension

    def accepts_partial(self, scope: int) -> bool:
        """Whether this side accepts a partial truce of that scope."""
        gained = gains.partial_gain(*self.sees, self.model.package, self.side, scope)
        yes, _ = answers.answer_chances(*self.sees, self.side, 1.0, gained)
        return self.luck(Purpose.PARTIAL_ANSWER, self.side)[0] < yes

    def ends_partial(self) -> bool:
        """Whether this side ends the partial truce in force."""
        stay = truce.partial_stay(*self.sees, self.model.package, self.side)
        luck = self.luck(Purpose.PARTIAL_IN_FORCE)[self.side]
        return luck < truce.partial_end_chance(self.model.member, self.model.state, stay)

    def stay(self) -> float:
        """What staying in the truce in force is worth, in stakes."""
        return truce.side_stay(*self.sees, self.model.package, self.side)

    def leaves_at(self) -> float:
        """When today this side leaves the truce in force, as a share of the day; 1 or more: not."""
        chance = truce.exit_chance(self.model.member, self.model.state, self.stay())
        return self.luck(Purpose.EXIT)[self.side] / chance if chance > 0.0 else np.inf

    def incidents(self) -> tuple[int, int]:
        """Its incidents today, on the ground and at long range."""
        member, state, _ = self.sees
        calm = truce.calm_rate(*self.sees, self.model.package, self.side, self.stay())
        ground = truce.incident_rate(member, state, self.side, 0, calm)
        distant = truce.incident_rate(member, state, self.side, 1, calm)
        return (
            poisson(ground, self.luck(Purpose.INCIDENTS, self.side)[0]),
            poisson(distant, self.luck(Purpose.LONG_RANGE, self.side)[0]),
        )


class Mediator(Actor):
    """Who calls rounds, puts packages, threatens, and may leave."""

    def calls_round(self) -> bool:
        """Whether it calls a round today, beside those that are due."""
        member, state, _ = self.sees
        rate = mediator.round_rate(member, state, self.model.day)
        return happens(rate, self.luck(Purpose.CALENDAR)[0])

    def leaves(self) -> bool:
        """Whether the mediator gives up today."""
        member, state, _ = self.sees
        return self.luck(Purpose.CALENDAR)[1] < mediator.walkaway_hazard(member, state)

    def proposes(self) -> None:
        """Put a package on the table: of four candidates, the best by what it believes."""
        refusals = answers.refusals(*self.sees)
        proposal.weigh(*self.sees, self.model.package, self.model.trial, refusals)
        proposal.put(self.model.package, self.model.trial)

    def offers_partial(self) -> int:
        """The scope of a partial truce that it puts after a failed round, or NONE."""
        u, v, _, _ = self.luck(Purpose.PARTIAL)
        member, state, _ = self.sees
        if state.partial_scope != NONE or u >= member.partial_chance:
            return NONE
        return truce.scope_put(v)

    def honours_backstop(self) -> bool:
        """Whether it stands by its guarantee after a breach by side R."""
        chance = pressure.follow_through_chance(*self.sees, 0, False)
        return self.luck(Purpose.BREACH, 3)[0] < chance


class Bloc(Actor):
    """A bloc that pledges troops and stands behind sanctions."""

    def __init__(self, model: World, name: str, number: int) -> None:
        super().__init__(model, name)
        self.number = number

    def pledge(self) -> float:
        """Share of its capability that it pledges to a contingent, at a review."""
        member, _, policy = self.sees
        others = blocs.others_pledge(*self.sees, self.number)
        return blocs.pledge(member, self.number, policy.backstop, others)

    def stance(self) -> float:
        """Share of its part of the blocs' sanctions that it stands ready for, at a review."""
        blame = mediator.blame_on(*self.sees, 0)
        return blocs.stance(self.model.member, self.number, blame)
