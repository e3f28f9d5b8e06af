"""Speed on this machine, all in one run so that ratios hold where the clock does not: `make bench`.

Worlds a second on one core and on two, the dice alone, the time of each part of a day, the same
worlds played by Mesa, and two bare Mesa models of eight agents, for scale: one in which they do
nothing, and one in which each, in random order, draws a number.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import mesa

import sim
from sim.engine import world
from sim.engine.advance import begin_world
from sim.engine.domain import Answer
from sim.engine.jit import compiled
from sim.engine.records import Workspace, new_workspace
from sim.engine.rules import answers, day, front, gains, mediator, pressure, truce
from sim.engine.streams import uniforms
from sim.inputs.blocks import When
from sim.inputs.ensemble import load_ensemble
from sim.mesa_model import CeasefireModel
from sim.montecarlo import Plan, default_workers

WORLDS = 100_000
ROUNDS = 5
CALLS = 200_000
DAYS = 120


class Idle(mesa.Agent):
    def step(self) -> None:
        """Do nothing."""


class Bare(mesa.Model):
    """Eight agents that do nothing: what a Mesa model costs before it models anything."""

    def __init__(self) -> None:
        super().__init__(rng=1)
        Idle.create_agents(self, 8)

    def step(self) -> None:
        self.agents.do("step")


class Draws(mesa.Agent):
    def step(self) -> None:
        """Draw a number."""
        self.random.random()


class Shuffled(mesa.Model):
    """Eight agents in random order, as Mesa models often have them, each with a draw a step."""

    def __init__(self) -> None:
        super().__init__(rng=1)
        Draws.create_agents(self, 8)

    def step(self) -> None:
        self.agents.shuffle_do("step")


@compiled
def many_dice(count: int) -> float:
    """Look up four uniforms ``count`` times."""
    total = 0.0
    for number in range(count):
        a, b, c, d = uniforms(1, number, 1, 1, 0)
        total += a + b + c + d
    return total


@compiled
def many(which: int, count: int, workspace: Workspace) -> float:
    """Call a part of a day ``count`` times, the front a little different each time."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package = workspace.policy, workspace.package
    trial, today = workspace.proposal, workspace.today
    total = 0.0
    for number in range(count):
        clock.day = number % DAYS + 1
        state.momentum = 0.001 * (number % 97)
        state.strike[0] = state.strike[1] = state.momentum  # left alone they fade to slow numbers
        if which == 1:
            total += gains.signing_gain(member, state, policy, package, 0)
        elif which == 2:
            yes, _ = answers.answer_chances(member, state, policy, 0, 0.5, state.momentum)
            total += yes
        elif which == 3:
            total += answers.binding_issue(member, state, policy, package, 0)
        elif which == 4:
            total += pressure.threat_value(member, state, policy, 0)
        elif which == 5:
            total += truce.side_stay(member, state, policy, package, 0)
        elif which == 6:
            mediator.complete_package(member, state, policy, package)
        elif which == 7:
            world.decide_calendar(clock, member, state, policy, today)
        elif which == 8:
            today.mediated = True
            world.decide_round(clock, member, state, policy, package, trial, today)
        elif which == 9:
            world.decide_truce(clock, member, state, policy, package, today)
        elif which == 10:
            total += front.next_momentum(member, state, policy, 0.1)
        elif which == 11:
            day.apply_front(member, state, policy, today)
    return total


PARTS = {
    1: "a gain from signing", 2: "chances of an answer", 3: "a binding issue",
    4: "a threat's value", 5: "the worth of staying", 6: "the package completed",
    7: "the calendar", 8: "a whole round", 9: "a day of truce", 10: "momentum",
    11: "front and strikes",
}  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def part_times(plan: Plan) -> dict[int, float]:
    """Nanoseconds of each part of a day, the fastest of several tries."""
    ensemble = plan.ensemble
    workspace = new_workspace(ensemble.members, plan.seed)
    workspace["member"] = ensemble.members[0]
    best = dict.fromkeys([0, *PARTS], float("inf"))
    for _ in range(ROUNDS):
        for which in best:
            begin_world(plan.agenda.course, ensemble.starts[0], workspace)
            workspace["today"] = 0
            workspace["state"]["last_answer"] = [int(Answer.CONDITION), int(Answer.ACCEPT)]
            taken = seconds(lambda which=which: many(which, CALLS, workspace))
            best[which] = min(best[which], taken / CALLS * 1e9)
    return {which: best[which] - best[0] for which in PARTS}


def mesa_worlds(plan: Plan, worlds: int = 20) -> None:
    for number in range(worlds):
        CeasefireModel(plan.scenario, 1, number, ensemble=plan.ensemble).run()


def bare_worlds(kind: type[mesa.Model], worlds: int = 20) -> None:
    for _ in range(worlds):
        model = kind()
        for _ in range(DAYS):
            model.step()


def against_mesa() -> float:
    """How many worlds one core runs while Mesa steps eight agents in random order for as long."""
    scenario = sim.load_scenario("baseline")
    sim.run(scenario, worlds=2048, workers=1)
    ours, mesas = [], []
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: sim.run(scenario, worlds=WORLDS, workers=1, keep=False)))
        mesas.append(seconds(lambda: bare_worlds(Shuffled)))
    return (min(mesas) / 20) / (min(ours) / WORLDS)


def main() -> None:
    """Measure in turn and print medians with their spread."""
    scenario = sim.load_scenario("baseline")
    plan = Plan(scenario, load_ensemble(scenario.as_of), 1, 1)
    level = scenario.levers["monitoring.strength"]
    block = When(event="rejects_truce", times=2, levers={"monitoring.strength": level})
    waits = scenario.with_blocks([block], [])
    sim.run(scenario, worlds=2048, workers=1)
    many_dice(1)
    part_times(plan)
    jobs: dict[str, Callable[[], object]] = {
        "one": lambda: sim.run(scenario, worlds=WORLDS, workers=1, keep=False),
        "waits": lambda: sim.run(waits, worlds=WORLDS, workers=1, keep=False),
        "two": lambda: sim.run(scenario, worlds=WORLDS, workers=2, keep=False),
        "dice": lambda: many_dice(10_000_000),
        "mesa": lambda: mesa_worlds(plan),
        "bare": lambda: bare_worlds(Bare),
        "shuffled": lambda: bare_worlds(Shuffled),
    }
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            times[name].append(seconds(job))
    report(times, part_times(plan))


def report(times: dict[str, list[float]], parts: dict[int, float]) -> None:
    """Print what was measured."""
    one, waits, two, dice, twin, bare, shuffled = (statistics.median(times[name]) for name in times)
    spread = max(times["one"]) / min(times["one"])
    rate = WORLDS / one
    rows = [
        ("processors", f"{default_workers()}", ""),
        ("one worker", f"{rate:,.0f}", f"worlds/s (slowest/fastest {spread:.2f})"),
        ("two workers", f"{WORLDS / two:,.0f}", f"worlds/s ({one / two:.2f} times one)"),
        ("with a block [[when]]", f"{waits / one:.3f}", "times one worker's time (meant: 1.05)"),
        ("a block of dice", f"{dice * 100:.1f}", "ns (four uniforms)"),
        ("a world", f"{1e6 / rate:.1f}", f"us, {1e7 / rate / dice:,.0f} blocks of dice"),
        (
            "a world played by Mesa",
            f"{twin * 5e4:,.0f}",
            f"us, {twin * rate / 20:,.0f} worlds' worth",
        ),
        *(
            (name, f"{time * 5e4:,.0f}", f"us, {time * rate / 20:,.0f} worlds' worth")
            for name, time in (("a bare Mesa world", bare), ("the same, shuffled", shuffled))
        ),
        *((name, f"{parts[which]:.0f}", "ns") for which, name in PARTS.items()),
    ]
    for name, value, unit in rows:
        print(f"{name:<24}{value:>10} {unit}")


if __name__ == "__main__":
    main()
