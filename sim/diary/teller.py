"""Runs one world again by the agents and writes down what each of its days decided."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.diary.reasons import reasons
from sim.diary.words import luck_text, odds_text, package_text, percent, places, reasons_text
from sim.engine.domain import NONE, TRUCE_DAYS, Answer, Issue, Public, Scope, Side, Threat, TruceEnd
from sim.engine.public import in_words
from sim.engine.rules import day, imposed, mediator, pressure, truce
from sim.engine.streams import Purpose
from sim.inputs.blocks import Move
from sim.inputs.ensemble import Ensemble
from sim.inputs.events import events_named
from sim.inputs.scenario import Scenario
from sim.mesa_model import Belligerent, CeasefireModel

ANSWERS = {Answer.ACCEPT: "yes", Answer.CONDITION: "yes, but", Answer.REJECT: "no"}
_WHAT = {
    Public.PAUSE_R: "pause",
    Public.DIRECT_TALKS: "direct_talk",
    Public.PARTIAL_ENDS_EARLY: "partial_ends",
    Public.PARTIAL_ENDS_AT_TERM: "partial_ends",
    Public.TRUCE_BEGINS: "truce",
    Public.TRUCE_HOLDS: "held",
    Public.R_BREAKS_TRUCE: "truce_ends",
    Public.U_BREAKS_TRUCE: "truce_ends",
    **{Public(n): "threat" for n in range(Public.MEDIATOR_SANCTIONS, Public.ARMS_LET_PASS + 1)},
}
"""The kind of entry of a public event, where it is not called as the event is."""


@dataclass(frozen=True)
class Entry:
    """Something that happened on a day.

    Attributes
    ----------
    what
        The kind: `round`, `answer`, `threat`, `truce` and the like.
    text
        One line for a reader.
    numbers
        What the line rests on, as plain data.
    """

    day: int
    date: dt.date
    what: str
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)


class Course(NamedTuple):
    """What stood on a day, before anything was decided.

    Attributes
    ----------
    momentum
        At the front, positive when side R gains.
    quiet
        `full`, `partial`, `pause` (kept by both) or `unilateral`; empty in war.
    """

    momentum: float
    quiet: str


@dataclass(frozen=True)
class Diary:
    """One world from its first day to its end.

    Attributes
    ----------
    days
        How many days it lasted.
    entries
        What happened, in order.
    course
        What stood on each day, an item a day from the first.
    """

    scenario: Scenario
    seed: int
    world: int
    member: int
    outcome: str
    days: int
    entries: tuple[Entry, ...]
    course: tuple[Course, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the diary as plain data (schema `truce/diary/1`)."""
        entries = [
            {"day": e.day, "date": e.date.isoformat(), "what": e.what, "text": e.text, **e.numbers}
            for e in self.entries
        ]
        return {
            "schema": "truce/diary/1",
            "scenario": self.scenario.name,
            "as_of": self.scenario.as_of.isoformat(),
            "seed": self.seed,
            "world": self.world,
            "member": self.member,
            "outcome": self.outcome,
            "days": self.days,
            "entries": entries,
        }


def tell(scenario: Scenario, ensemble: Ensemble, seed: int, world: int) -> Diary:
    """Run one world by the agents and return its diary.

    Raises
    ------
    ScenarioError
        If seed or world is out of range.

    Examples
    --------
    >>> import sim
    >>> from sim.inputs.ensemble import load_ensemble
    >>> scenario = sim.load_scenario("baseline")
    >>> diary = tell(scenario, load_ensemble(scenario.as_of), seed=1, world=17)
    >>> diary.entries[-1].what
    'end'
    """
    model = _DiaryModel(scenario, seed, world, ensemble=ensemble)
    outcome = model.run()
    note = model.note("end", f"The world ends: {outcome}.", outcome=outcome)
    return Diary(
        scenario, seed, world, int(model.row.member), outcome, model.day, (*model.entries, note),
        tuple(model.course),
    )  # fmt: skip


class _DiaryModel(CeasefireModel):
    """A world that writes down what is decided, before anything moves."""

    def __init__(self, scenario: Scenario, *args: Any, **kwargs: Any) -> None:
        super().__init__(scenario, *args, **kwargs)
        self.entries: list[Entry] = []
        self.course: list[Course] = []
        self._scenario = scenario
        self._names = scenario.conflict.names

    def note(self, what: str, text: str, **numbers: Any) -> Entry:
        """Make an entry of today."""
        date = self._scenario.as_of + dt.timedelta(days=self.day)
        return Entry(self.day, date, what, text, numbers)

    def _add(self, what: str, text: str, **numbers: Any) -> None:
        self.entries.append(self.note(what, text, **numbers))

    def _tell(self, event: Public, more: str = "", **numbers: Any) -> None:
        """Make an entry of a public event, in the words of the table of such events."""
        text = in_words(event, self._scenario.conflict.role_names) + more + "."
        numbers |= {"imposed": True} if imposed.is_imposed(self.today, event) else {}
        self._add(_WHAT.get(event, event.name.lower()), text, event=event.name.lower(), **numbers)

    def _name(self, side: int) -> str:
        return self._names[self.belligerents[side].id]

    def decide(self) -> None:
        """Decide the day as every model does, then write down what was decided."""
        super().decide()
        self.course.append(Course(float(self.state.momentum), self._kept_quiet()))
        self._levers()
        self._blocks()
        self._reviews()
        if day.in_truce(self.state, self.day):
            self._truce()
            return
        self._quiet()
        if self.today.round_held:
            self._round()
        self._partial()
        self._threats()
        if self.today.mediator_leaves and not self.state.mediator_left:
            chance = mediator.walkaway_hazard(self.member, self.state)
            more = f" (chance today {percent(chance)})"
            self._tell(Public.MEDIATOR_LEAVES, more, chance=chance)

    def _kept_quiet(self) -> str:
        """What truce or pause is in force, the fullest first."""
        if day.in_truce(self.state, self.day):
            return "full"
        if self.state.partial_scope != NONE:
            return "partial"
        if self.state.pause_until != NONE:
            return "pause" if self.state.pause_mirrored else "unilateral"
        return ""

    def _blocks(self) -> None:
        """What the scenario's blocks set or impose from today on."""
        for n, (name, block) in enumerate(self._scenario.blocks.items()):
            set_off = int(self.reacting.set_off[n])
            if isinstance(block, Move):
                if set_off == self.day:
                    text = f"Imposed by {name}: {block.what(self._scenario.conflict)}."
                    self._add("imposed", text, block=name)
            elif set_off == self.day:
                self._add("lever", f"Set by {name}: {block.sets}.", block=name)
            elif block.for_days is not None and self.day == set_off + block.for_days:
                self._add("lever", f"Taken back, set by {name}: {block.sets}.", block=name)

    def step(self) -> None:
        """Live one day, and write down which moves the rules left no room for."""
        super().step()
        happened = self.today.happened | self.today.announced
        for n, (name, block) in enumerate(self._scenario.blocks.items()):
            if isinstance(block, Move) and self.reacting.set_off[n] == self.day:
                event = events_named(block.event, block.actor, self._scenario.conflict)[0]
                if not happened >> event & 1:
                    self._add("imposed", f"The rules left no room for {name} today.", block=name)

    def _levers(self) -> None:
        for change in self._scenario.schedule:
            if change.day == self.day:
                meaning = self._scenario.conflict.lever(change.lever).meaning
                text = f"Set: {change.lever} = {change.value} ({meaning})."
                self._add("lever", text, lever=change.lever, value=change.value)

    def _reviews(self) -> None:
        """Blocs whose pledge moves by a tenth or more."""
        if not self.today.reviewed:
            return
        moved = {
            bloc.id: float(self.today.pledge[n])
            for n, bloc in enumerate(self._scenario.conflict.blocs)
            if bloc.capability > 0.0 and abs(self.today.pledge[n] - self.state.pledge[n]) >= 0.1
        }
        if moved:
            listed = ", ".join(
                f"{self._names[name]} {percent(pledge)}" for name, pledge in moved.items()
            )
            text = f"Blocs review their pledges of troops: {listed} of what each could send."
            self._add("review", text, pledges=moved)

    # -------------------------------------------------------------- war and talks

    def _quiet(self) -> None:
        """Pauses, and talks without the mediator."""
        u = self._name(Side.U)
        if self.today.pause_declared:
            kept = bool(self.today.pause_mirrored)
            self._tell(
                Public.PAUSE_R, f"; {u} {'keeps' if kept else 'does not keep'} it", kept=kept
            )
        if self.today.extension_asked:
            self._add("extension", f"{u} asks to extend the pause.")
        if self.today.direct_talk and not self.today.round_held:
            self._tell(Public.DIRECT_TALKS)

    def _round(self) -> None:
        """The package, then the two answers in the order in which they were given."""
        first = int(self.today.first_mover)
        mediated = bool(self.today.mediated)
        kind = "The mediator puts" if mediated else "The two sides alone discuss"
        text = f"{kind} {package_text(self)}; {self._name(first)} is asked first."
        event = {} if mediated else {"event": Public.DIRECT_TALKS.name.lower()}
        self._add("round", text, mediated=mediated, package=places(self), **event)
        for side in (first, 1 - first):
            self._answer(self.belligerents[side])
        if day.both_accepted(self.today):
            self._add("agreed", "Both accept: a truce of 30 days begins tomorrow.")

    def _answer(self, player: Belligerent) -> None:
        said = int(self.today.answer[player.side])
        q = float(self.today.p_other_accepts[player.side])
        yes, but = player.chances(q)
        odds = {"yes": yes, "yes, but": but, "no": 1.0 - yes - but}
        u = player.luck(Purpose.ANSWER, player.side)[0]
        why = reasons(self, player, said, q)
        text = f"{self._name(player.side)}: {ANSWERS[Answer(said)]} (odds {odds_text(odds)})."
        text += f" {reasons_text(why)}"
        blocked = None
        if said != Answer.ACCEPT:
            blocked = Issue(self.today.blocked_issue[player.side]).name.lower()
            deferred = places(self).get(blocked) == "deferred"
            later = ", for what a later settlement would bring" if deferred else ""
            text += f" Blocks on {blocked}{later}."
        public = Public(2 * said + player.side)
        forced = imposed.is_imposed(self.today, public)
        text += " It is imposed, whatever the odds." if forced else luck_text(odds, u)
        self._add(
            "answer", text, event=public.name.lower(), actor=player.id,
            answer=ANSWERS[Answer(said)], odds=odds, luck=u,
            other_accepts=q, gain=player.gain(), why=why, blocked_issue=blocked,
            **({"imposed": True} if forced else {}),
        )  # fmt: skip

    def _partial(self) -> None:
        if self.today.partial_scope != NONE:
            scope = Scope(self.today.partial_scope).name.lower()
            event = Public.PARTIAL_BEGINS.name.lower()
            text = f"Both accept a partial truce ({scope}); it begins tomorrow."
            self._add("partial", text, event=event, scope=scope)
        if self.today.partial_ends:
            scope = Scope(self.state.partial_scope).name.lower()
            self._tell(Public.PARTIAL_ENDS_EARLY, f" ({scope})")
        elif self._partial_at_term():
            self._tell(Public.PARTIAL_ENDS_AT_TERM)

    def _partial_at_term(self) -> bool:
        """Whether today is the last day of the partial truce in force."""
        in_force = self.state.partial_scope != NONE and self.day >= self.state.partial_starts
        return bool(in_force and self.state.partial_day + 1 >= TRUCE_DAYS)

    def _threats(self) -> None:
        for threat in Threat:
            done, lapsed = bool(self.today.met[threat]), bool(self.today.lapsed[threat])
            if done or lapsed:
                first = Public.MEDIATOR_SANCTIONS if done else Public.MEDIATOR_LETS_PASS
                more = f" (chance of carrying it out {percent(self._chance_of(threat))})"
                named = {"threat": threat.name.lower(), "carried_out": done}
                self._tell(Public(first + threat), more, **named)

    def _chance_of(self, threat: Threat) -> float:
        """The chance that a threat is carried out today, for refusing or on breach."""
        led = bool(self.today.met[Threat.MEDIATOR_SANCTIONS]) and threat != 0
        rule = pressure.refusal_answered_chance
        if self.today.breach:
            rule = pressure.follow_through_chance
        return float(rule(self.member, self.state, self.policy, int(threat), led))

    # -------------------------------------------------------------- a truce in force

    def _truce(self) -> None:
        number = int(self.state.truce_day) + 1
        if number == 1:
            self._truce_begins()
        counts = [int(self.today.incidents[n]) for n in range(4)]
        if sum(counts):
            by = [f"{self._name(side)} {sum(counts[2 * side : 2 * side + 2])}" for side in (0, 1)]
            text = f"Day {number} of the truce: incidents by {', by '.join(by)}."
            self._add("incidents", text, incidents=counts)
        if self.today.truce_ends != NONE:
            self._truce_ends(number)
        elif number == 30:
            self._tell(Public.TRUCE_HOLDS)

    def _truce_begins(self) -> None:
        stays = {player.id: player.stay() for player in self.belligerents}
        exits = {
            name: truce.exit_chance(self.member, self.state, stay) for name, stay in stays.items()
        }
        listed = ", ".join(
            f"{self._names[name]} {percent(chance)}" for name, chance in exits.items()
        )
        more = f". Chance of walking out on its first day: {listed}"
        self._tell(Public.TRUCE_BEGINS, more, stay=stays, exit=exits)

    def _truce_ends(self, number: int) -> None:
        breaker = self.belligerents[int(self.today.breaker)]
        how = TruceEnd(self.today.truce_ends)
        chance = truce.exit_chance(self.member, self.state, breaker.stay())
        more = f" on its day {number}: its incidents end the other side's patience"
        if how == TruceEnd.EXIT:
            more = f" on its day {number}: it walks out (chance today {percent(chance)})"
        self._tell(
            Public(Public.R_BREAKS_TRUCE + breaker.side), more,
            actor=breaker.id, how=how.name.lower(), exit_chance=chance,
        )  # fmt: skip
        self._threats()
        if self.today.backstop_called:
            did = "stands by" if self.today.backstop_honoured else "does not stand by"
            self._add("backstop", f"The guarantor {did} its word.")
