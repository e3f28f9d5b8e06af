"""The model: the day in its order, who is asked what, and what is collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from sim.engine.advance import advance_day, begin_world
from sim.engine.domain import MAX_SEED, NONE, Answer, Outcome, Side, Threat, TruceEnd
from sim.engine.dtypes import as_records
from sim.engine.jit import announce
from sim.engine.reactions import Reacting
from sim.engine.records import Clock, Day, Member, Package, Policy, State, Workspace, layout_of
from sim.engine.row import ROW, Row
from sim.engine.rules import (
    answers,
    blocs,
    day,
    imposed,
    mediator,
    pressure,
    proposal,
    reacting,
    rows,
    truce,
)
from sim.engine.scratch import Proposal
from sim.engine.streams import Purpose, happens
from sim.errors import ScenarioError, check_whole
from sim.inputs.actors import Actor as ActorRow
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario, load_scenario
from sim.mesa_model import validation
from sim.mesa_model.agents import Actor, Belligerent, Bloc, Mediator
from sim.mesa_model.collected import reporters
from sim.text import did_you_mean

MAX_WORLD = 2**63 - 1
_RECORDS = ("_workspace", "clock", "member", "policy", "state", "package", "trial", "today",
            "reacting", "row")  # fmt: skip


class CeasefireModel(mesa.Model):
    """One world as an ordinary Mesa model; `step` is a day.

    Parameters
    ----------
    scenario
        A scenario, its name, or a path that ends in .toml.
    seed, world
        Whose luck: the same as world ``world`` of a run with that seed; 1 if it is None, as Mesa's
        `batch_run` gives it.
    actors
        Classes of your own in place of `Mediator`, `Belligerent` or `Bloc`, by actor id.
    ensemble
        The members, if they are at hand; else those of the scenario's as-of day are read.

    Attributes
    ----------
    mediator, belligerents, blocs
        The agents; the belligerents in the order of `sim.engine.domain.Side`.
    member, state, policy, package, clock, today, row
        The records that rules read, of the types in `sim.engine.domain`.
    datacollector
        A Mesa DataCollector; it collects once a step, states as the day left them and the guarantee
        as it was weighed that day.

    Raises
    ------
    ScenarioError, CalibrationError
        If an input cannot be used; the message says where, what, and what to do.

    Examples
    --------
    >>> from sim.mesa_model import CeasefireModel
    >>> model = CeasefireModel("baseline", seed=1, world=17)
    >>> model.step()
    >>> model.day, len(model.agents)
    (1, 8)
    >>> model.run() == model.outcome
    True
    """

    running: bool

    def __init__(
        self,
        scenario: Scenario | str | Path = "baseline",
        seed: int | None = 1,
        world: int = 0,
        actors: Mapping[str, type[Actor]] | None = None,
        ensemble: Ensemble | None = None,
    ) -> None:
        seed = check_whole("seed", 1 if seed is None else seed, 0, MAX_SEED)
        world = check_whole("world", world, 0, MAX_WORLD)
        super().__init__(rng=[seed, world])  # Mesa's own luck: no rule reads it
        announce()
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        self._agenda = agenda(scenario)
        if ensemble is not None and not isinstance(ensemble, Ensemble):
            raise ScenarioError("ensemble", f"{ensemble!r} is none.", "Load one, or leave it out.")
        members = ensemble or load_ensemble(scenario.as_of, conflict=scenario.conflict)
        self._begin(members, seed, world)
        if actors is not None and not isinstance(actors, Mapping):
            todo = "Give a mapping of actor ids to classes."
            raise ScenarioError("actors", f"{actors!r} is no mapping.", todo)
        self._cast(scenario.conflict.actors, dict(actors or {}))
        self.datacollector = mesa.DataCollector(model_reporters=reporters(self.belligerents))

    def _begin(self, ensemble: Ensemble, seed: int, world: int) -> None:
        """Put a member into the workspace, whose records the agents read by name."""
        number = day.member_of(world, len(ensemble))
        allocated = np.zeros(1, layout_of(ensemble.members).workspace)
        allocated["clock"]["seed"], allocated["clock"]["world"] = seed, world
        allocated["member"] = ensemble.members[number]
        allocated["blocks"] = self._agenda.blocks
        self._memory = allocated, np.zeros(1, ROW)
        self._name_records()
        rows.open_row(world, number, self.row)
        reacting.begin(ensemble.starts[number], self._workspace)
        begin_world(self._agenda.course, ensemble.starts[number], self._workspace)
        rows.begin_row(self.state, self.package, self.row)

    def _name_records(self) -> None:
        """Give names to the records of the workspace, all in its memory, and to the row."""
        allocated, row = self._memory
        self._workspace: Workspace = as_records(allocated)[0]
        self.clock: Clock = as_records(allocated["clock"])[0]
        self.member: Member = as_records(allocated["member"])[0]
        self.policy: Policy = as_records(allocated["policy"])[0]
        self.state: State = as_records(allocated["state"])[0]
        self.package: Package = as_records(allocated["package"])[0]
        self.trial: Proposal = as_records(allocated["proposal"])[0]
        self.today: Day = as_records(allocated["today"])[0]
        self.reacting: Reacting = as_records(allocated["reacting"])[0]
        self.row: Row = as_records(row)[0]

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the records, which name places in memory; that goes along as it is."""
        return {name: value for name, value in vars(self).items() if name not in _RECORDS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on where the model stood that was pickled or copied."""
        self.__dict__.update(state)
        self._name_records()

    def _cast(self, table: Sequence[ActorRow], own: dict[str, type[Actor]]) -> None:
        """Make the agents, in the order of the table of actors."""
        known = [row.id for row in table]
        for name in own:
            if name not in known:
                todo = did_you_mean(name, known)
                raise ScenarioError(f"actors: {name}", "there is no such actor.", todo)
        by_role: dict[str, list[Any]] = {}
        for row in table:
            players = by_role.setdefault(row.role, [])
            players.append(self._play(row, own.get(row.id), len(players)))
        self.mediator: Mediator = by_role["mediator"][0]
        self.belligerents: list[Belligerent] = [
            by_role["belligerent_r"][0],
            by_role["belligerent_u"][0],
        ]
        self.blocs: list[Bloc] = by_role["bloc"]
        shares = self.member.sanctions_share
        speaker = max(self.blocs, key=lambda bloc: shares[bloc.number])
        self.issuers: tuple[Actor, ...] = (self.mediator, speaker, self.mediator)
        """Who carries out each `Threat`; the bloc of the largest share speaks for all."""

    def _play(self, row: ActorRow, own: type[Any] | None, number: int) -> Actor:
        """Make the agent of a row, from the user's own class if there is one."""
        kind: type[Any] = Belligerent
        if row.role in ("mediator", "bloc"):
            kind = Mediator if row.role == "mediator" else Bloc
        if own is not None and not (isinstance(own, type) and issubclass(own, kind)):
            todo = f"Derive it from sim.mesa_model.{kind.__name__}."
            raise ScenarioError(f"actors: {row.id}", f"{own!r} is no {kind.__name__}.", todo)
        place: tuple[Any, ...] = ()
        if row.role != "mediator":
            place = (number,) if kind is Bloc else (Side[row.role[-1].upper()],)
        agent: Actor = (own or kind)(self, row.id, *place)
        return agent

    # -------------------------------------------------------------- what can be asked

    @property
    def day(self) -> int:
        """The day that was lived last; 0 before the first step."""
        return int(self.clock.day)

    @property
    def outcome(self) -> str | None:
        """How the world ended, one of the five names, or None while it goes on."""
        return None if self.running else Outcome(self.row.outcome).name.lower()

    def said(self, side: int) -> str | None:
        """What a side answered on the last day, or None if no round was held."""
        if self.day == 0 or not self.today.round_held:
            return None
        return Answer(self.today.answer[side]).name.lower()

    # -------------------------------------------------------------- a day

    def run(self) -> str:
        """Live to the end of the world and return its outcome."""
        while self.running:
            self.step()
        return str(self.outcome)

    def step(self) -> None:
        """Live one day: all decide on yesterday's state, then everything moves.

        A world that has ended stays as it is.
        """
        if not self.running:
            return
        advance_day(self._agenda.course, self._workspace)
        self.decide()
        seen = (self.clock, self.member, self.state, self.policy, self.package, self.today)
        if rows.is_eventful(self.state, self.today):
            reacting.settle(self._workspace, self.row)
        rows.record(*seen, self.row)
        day.apply_day(*seen)
        self.guarantee = float(self.package.guarantee)  # closing the row computes it again
        if not day.goes_on(self.clock, self._agenda.days, self.state, self.row):
            reacting.end_world(self._workspace, self.row)
            left = max(0, self._agenda.days - self.day)
            rows.close_row(self.member, self.state, self.policy, self.package, left, self.row)
            self.running = False
        self.datacollector.collect(self)

    def _complete_package(self) -> None:
        mediator.complete_package(self.member, self.state, self.policy, self.package)

    def decide(self) -> None:
        """Ask everyone, in the order of the day; only ``today`` and the package change."""
        day.open_day(self.today)
        self._complete_package()
        self.review()
        if day.in_truce(self.state, self.day):
            self.live_truce()
            return
        self.call()
        self.pause()
        if self.today.round_held:
            self.hold_round()
            self.offer_partial()
        self.live_partial()
        self.press()

    def review(self) -> None:
        """Blocs review what they pledge, each on what the others pledged before."""
        self.today.reviewed = blocs.review_falls(self.state, self.policy, self.clock.review)
        if self.today.reviewed:
            for bloc in self.blocs:
                self.today.pledge[bloc.number] = validation.pledge(bloc)
                self.today.stance[bloc.number] = validation.stance(bloc)

    def call(self) -> None:
        """Rounds, direct talks and pauses, none while talks rest; the mediator may leave."""
        today, state = self.today, self.state
        talks = mediator.direct_talk_rate(self.member, state, self.day)
        today.mediator_leaves = self.mediator.leaves()
        today.direct_talk = happens(talks, self.mediator.luck(Purpose.CALENDAR)[2])
        today.mediated = not state.mediator_left
        called = self.mediator.calls_round() if today.mediated else bool(today.direct_talk)
        called = called and self.day >= state.talks_resume
        today.round_held = called or mediator.round_is_due(state, self.clock)
        today.pause_declared = state.pause_until == NONE and self.belligerents[0].declares_pause()
        self._impose(today)

    def _impose(self, today: Day) -> None:
        """Let come what is imposed, whatever the agents said; as `imposed.force_luck` does."""
        forced = [today.calendar[kind] == imposed.CERTAIN for kind in range(4)]
        today.mediator_leaves |= forced[1]
        today.direct_talk |= forced[2]
        today.pause_declared |= forced[3]
        today.round_held |= forced[0] if today.mediated else forced[2]

    def pause(self) -> None:
        """Side U keeps a short pause of side R or not, and may ask for more."""
        side_u = self.belligerents[1]
        state, today = self.state, self.today
        if today.pause_declared:
            today.pause_mirrored = side_u.mirrors_pause()
        elif state.pause_until == self.day and state.pause_mirrored:
            today.extension_asked = side_u.asks_extension()

    def hold_round(self) -> None:
        """A package is put, the first mover answers, then the other, who knows."""
        today = self.today
        if today.mediated:
            self.mediator.proposes()
            self._complete_package()
        proposal.read_gains(*self.mediator.sees, self.package, today)
        refusals = answers.refusals(*self.mediator.sees)
        side = proposal.first_mover(*self.mediator.sees, today, refusals)
        today.first_mover = side
        first, second = self.belligerents[side], self.belligerents[1 - side]
        follows, _ = second.checked_chances(1.0)
        seen = (self.member, self.state, today, refusals)
        self._ask(first, proposal.hoped_for(*seen, second.side, follows))
        self._ask(second, 1.0 if today.answer[side] == Answer.ACCEPT else 0.0)
        if today.mediated:
            proposal.expect_answers(self.member, self.state, today, refusals)
        for player in self.belligerents:
            if today.answer[player.side] != Answer.ACCEPT:
                today.blocked_issue[player.side] = validation.blocks_on(player)

    def _ask(self, player: Belligerent, q: float) -> None:
        self.today.p_other_accepts[player.side] = q
        said = validation.answer(player, q)
        self.today.answer[player.side] = imposed.answer_given(self.today, player.side, said)

    def offer_partial(self) -> None:
        """After a mediated round that failed, a partial truce may be put to both, if none holds."""
        if not self.today.mediated or day.both_accepted(self.today):
            return
        if self.state.partial_scope != NONE:
            return
        scope = validation.offers_partial(self.mediator)
        if scope != NONE and all(player.accepts_partial(scope) for player in self.belligerents):
            self.today.partial_scope = scope

    def live_partial(self) -> None:
        """Either side may end a partial truce in force."""
        state = self.state
        if state.partial_scope != NONE and self.day >= state.partial_starts:
            self.today.partial_ends = any(player.ends_partial() for player in self.belligerents)

    def press(self) -> None:
        """Threats that fall due are carried out or let pass, if no truce was agreed today."""
        if day.both_accepted(self.today):
            return
        for threat in range(3):
            if pressure.falls_due(self.state, self.policy, threat, self.day):
                self._carry_or_lapse(threat, Purpose.FOLLOW_THROUGH)
                self.today.bite[threat] = pressure.bite(*self.mediator.sees, threat)

    def _carry_or_lapse(self, threat: int, purpose: Purpose) -> None:
        led = bool(self.today.met[Threat.MEDIATOR_SANCTIONS])
        done = self.issuers[threat].carries_out(threat, purpose, led)
        self.today.met[threat] = done
        self.today.lapsed[threat] = not done

    def live_truce(self) -> None:
        """Sides may leave, or incidents end the other's patience; what is earliest counts."""
        today, earliest = self.today, 1.0
        for player in self.belligerents:
            side = player.side
            leaves_at = validation.leaves_at(player)
            if leaves_at < earliest:
                earliest, today.truce_ends, today.breaker = leaves_at, TruceEnd.EXIT, side
            ground, distant = validation.incidents(player)
            today.incidents[2 * side], today.incidents[2 * side + 1] = ground, distant
            chance = truce.patience_ends_chance(self.member, float(ground + distant))
            at = player.luck(Purpose.INCIDENTS, side)[1]
            if at < earliest * chance:
                earliest, today.truce_ends, today.breaker = at / chance, TruceEnd.INCIDENT, side
        imposed.end_truce(today)
        if today.truce_ends != NONE:
            self.answer_breach()

    def answer_breach(self) -> None:
        """After a breach, those who threatened it act or let pass, and so does the guarantor."""
        today, policy = self.today, self.policy
        if policy.on_breach > 0.0:
            today.breach = True
            for threat in range(3):
                if pressure.target_of(threat) == today.breaker:
                    self._carry_or_lapse(threat, Purpose.BREACH)
                    today.bite[threat] = pressure.breach_bite(*self.mediator.sees, threat)
        if today.breaker == Side.R and policy.backstop > 0.0:
            today.backstop_called = True
            today.backstop_honoured = self.mediator.honours_backstop()
