"""One day, one world, a block of worlds: who decides what, in the order of the day.

`decide` draws what happens today from yesterday's state; ``rules.day`` then moves every state.
The workspace of a block is allocated in Python, since a record is a borrowed reference.
"""

from __future__ import annotations

from sim.engine import quiet
from sim.engine.advance import advance_day, begin_world
from sim.engine.agenda import Agendas, Course
from sim.engine.cases import Case
from sim.engine.domain import NONE, Answer, Side, Threat, TruceEnd
from sim.engine.dtypes import Records
from sim.engine.jit import borrowed, compiled, compiled_within
from sim.engine.records import Clock, Day, Member, Package, Policy, Start, State, Workspace
from sim.engine.row import Row
from sim.engine.rules import (
    answers,
    day,
    gains,
    imposed,
    mediator,
    pressure,
    proposal,
    reacting,
    reviews,
    rows,
    truce,
)
from sim.engine.rules.answers import Refusal, Refusals
from sim.engine.scratch import Proposal
from sim.engine.streams import Purpose, happens, luck_of, poisson

# ------------------------------------------------------------------ who decides what

decide_reviews = reviews.decide


@compiled
def decide_calendar(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Rounds, direct talks, a pause by R, and whether the mediator leaves."""
    luck = today.calendar
    today.mediator_leaves = luck[1] < mediator.walkaway_hazard(member, state)
    today.direct_talk = happens(mediator.direct_talk_rate(member, state, clock.day), luck[2])
    today.pause_declared = luck[3] < mediator.pause_chance(member, state, clock.holiday)
    today.mediated = not state.mediator_left
    called = happens(mediator.round_rate(member, state, clock.day), luck[0])
    if state.mediator_left:
        called = today.direct_talk
    today.round_held = called or mediator.round_is_due(state, clock)


@compiled
def decide_pause(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """A pause declared by R: U keeps it or not, and may ask to extend it on its last day."""
    ends = state.pause_until == clock.day and state.pause_mirrored
    if not today.pause_declared and not ends:
        return
    v, w, _, _ = luck_of(clock, Purpose.PAUSE, 0)
    if today.pause_declared:
        today.pause_mirrored = v < answers.mirror_chance(member, state, policy, package)
    else:
        today.extension_asked = w < member.pause_extension


@compiled
def one_answer(
    clock: Clock, member: Member, today: Day, refused: Refusal, side: int, q: float
) -> None:
    """Draw a side's answer, given the chance ``q`` that the other accepts."""
    yes, but = answers.round_chances(member, refused, q, today.gain[side], today.mediated)
    u, _, _, _ = luck_of(clock, Purpose.ANSWER, side)
    today.answer[side] = imposed.answer_given(today, side, answers.choose(yes, but, u))
    today.p_other_accepts[side] = q


@compiled
def decide_round(
    clock: Clock,
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    trial: Proposal,
    today: Day,
) -> None:
    """Hold a round: a package is put, the first mover answers, then the other, who knows."""
    refusals = answers.refusals(member, state, policy)
    if today.mediated:
        proposal.weigh(member, state, policy, package, trial, refusals)
        proposal.put(package, trial)
        mediator.complete_package(member, state, policy, package)
        proposal.recall_gains(trial, today)
    else:
        proposal.read_gains(member, state, policy, package, today)
    answer_round(clock, member, state, policy, package, today, refusals)


@compiled
def answer_round(
    clock: Clock,
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    today: Day,
    refusals: Refusals,
) -> None:
    """Draw both answers to the package on the table, and name what a refusal was about.

    What the mediator believes if the other side is sure to accept is noted from weighing.
    """
    if today.mediated:
        today.first_mover = proposal.nearer(today.accept_believed[0], today.accept_believed[1])
    else:
        today.first_mover = proposal.first_mover(member, state, policy, today, refusals)
    first = today.first_mover
    other = 1 - first
    hope = today.accept_believed[other]
    if not today.mediated or member.opponent_known != 0.0:
        gained = today.gain[other]
        follows, _ = answers.round_chances(member, refusals[other], 1.0, gained, today.mediated)
        hope = proposal.partly_known(member, hope, follows) if today.mediated else follows
    one_answer(clock, member, today, refusals[first], first, hope)
    knows = 1.0 if today.answer[first] == Answer.ACCEPT else 0.0
    one_answer(clock, member, today, refusals[other], other, knows)
    for side in range(2):
        if today.mediated and today.p_other_accepts[side] != 1.0:
            proposal.expect_answer(member, state, today, refusals[side], side)
        if today.answer[side] != Answer.ACCEPT:
            today.blocked_issue[side] = answers.binding_issue(member, state, policy, package, side)


@compiled
def decide_partial(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """After a mediated round that failed, a partial truce may be put; both must accept it."""
    if not today.round_held or not today.mediated or day.both_accepted(today):
        return
    u, v, _, _ = luck_of(clock, Purpose.PARTIAL, 0)
    if state.partial_scope != NONE or u >= member.partial_chance:
        return
    scope = truce.scope_put(v)
    accepted = True
    for side in range(2):
        gained = gains.partial_gain(member, state, policy, package, side, scope)
        yes, _ = answers.answer_chances(member, state, policy, side, 1.0, gained)
        w, _, _, _ = luck_of(clock, Purpose.PARTIAL_ANSWER, side)
        accepted = accepted and w < yes
    if accepted:
        today.partial_scope = scope


@compiled
def decide_partial_in_force(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Either side may end a partial truce that is in force."""
    if state.partial_scope == NONE or clock.day < state.partial_starts:
        return
    luck = luck_of(clock, Purpose.PARTIAL_IN_FORCE, 0)
    factor = truce.settling(member, state.partial_day)
    for side in range(2):
        stay = truce.partial_stay(member, state, policy, package, side)
        if luck[side] < truce.ends_today(member, factor * truce.partial_hazard(member, stay)):
            today.partial_ends = True


@compiled
def decide_pressure(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Let each issuer whose threat falls due carry it out or let it pass, if none was agreed."""
    agreed = day.both_accepted(today)
    for threat in range(3):
        if not agreed and pressure.falls_due(state, policy, threat, clock.day):
            carry_or_lapse(clock, member, state, policy, today, threat, Purpose.FOLLOW_THROUGH)
            today.bite[threat] = pressure.bite(member, state, policy, threat)


@compiled
def carry_or_lapse(
    clock: Clock,
    member: Member,
    state: State,
    policy: Policy,
    today: Day,
    threat: int,
    purpose: int,
) -> None:
    """Draw whether an issuer carries out what it has threatened, for refusing or on breach."""
    led = today.met[Threat.MEDIATOR_SANCTIONS]
    if purpose == Purpose.FOLLOW_THROUGH:
        chance = pressure.refusal_answered_chance(member, state, policy, threat, led)
    else:
        chance = pressure.follow_through_chance(member, state, policy, threat, led)
    u, _, _, _ = luck_of(clock, purpose, threat)
    today.met[threat] = u < chance
    today.lapsed[threat] = not today.met[threat]


@compiled
def decide_incidents(
    clock: Clock, member: Member, state: State, calm: float, side: int, today: Day
) -> float:
    """Draw a side's incidents in both domains, and return the uniform that says if they end it."""
    u, v, _, _ = luck_of(clock, Purpose.INCIDENTS, side)
    w, _, _, _ = luck_of(clock, Purpose.LONG_RANGE, side)
    ground = truce.incident_rate(member, state, side, 0, calm)
    distant = truce.incident_rate(member, state, side, 1, calm)
    today.incidents[2 * side] = poisson(ground, u)
    today.incidents[2 * side + 1] = poisson(distant, w)
    return v


@compiled
def decide_truce(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Draw exits and incidents of a day of truce; what comes earliest in the day ends it."""
    earliest = 1.0
    exits = luck_of(clock, Purpose.EXIT, 0)
    factor = truce.settling(member, state.truce_day)
    for side in range(2):
        stay = truce.side_stay(member, state, policy, package, side)
        left = exits[side] / truce.ends_today(member, factor * truce.exit_hazard(member, stay))
        if left < earliest:
            earliest = left
            today.truce_ends = TruceEnd.EXIT
            today.breaker = side
        calm = factor * truce.mean_calm_rate(member, state, policy, package, side, stay)
        v = decide_incidents(clock, member, state, calm, side, today)
        number = today.incidents[2 * side] + today.incidents[2 * side + 1]
        chance = truce.patience_ends_chance(member, number)
        if v < earliest * chance:
            earliest = v / chance
            today.truce_ends = TruceEnd.INCIDENT
            today.breaker = side
    imposed.end_truce(today)
    if today.truce_ends != NONE:
        decide_breach(clock, member, state, policy, package, today)


@compiled
def decide_breach(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """After a breach, those who threatened it carry out or let pass, and so does the guarantor."""
    if policy.on_breach > 0.0:
        today.breach = True
        for threat in range(3):
            if pressure.target_of(threat) == today.breaker:
                carry_or_lapse(clock, member, state, policy, today, threat, Purpose.BREACH)
                today.bite[threat] = pressure.breach_bite(member, state, policy, threat)
    if today.breaker == Side.R and policy.backstop > 0.0:
        today.backstop_called = True
        u, _, _, _ = luck_of(clock, Purpose.BREACH, 3)
        chance = pressure.follow_through_chance(
            member, state, policy, Threat.MEDIATOR_SANCTIONS, False
        )
        today.backstop_honoured = u < chance


@compiled_within
def decide(workspace: Workspace) -> None:
    """Write into ``workspace.today`` all that is decided today; no state moves but the package.

    What follows from the package is computed on the days on which something reads it.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    day.open_day(today)
    decide_reviews(clock, member, state, policy, today)
    if day.in_truce(state, clock.day):
        mediator.complete_package(member, state, policy, package)
        decide_truce(clock, member, state, policy, package, today)
        return
    decide_calendar(clock, member, state, policy, today)
    if today.round_held or today.pause_declared or state.partial_scope != NONE:
        mediator.complete_package(member, state, policy, package)
    decide_pause(clock, member, state, policy, package, today)
    if today.round_held:
        decide_round(clock, member, state, policy, package, workspace.proposal, today)
        decide_partial(clock, member, state, policy, package, today)
    decide_partial_in_force(clock, member, state, policy, package, today)
    decide_pressure(clock, member, state, policy, today)


# ------------------------------------------------------------------ a world, and many


@compiled_within
def run_world(course: Course, start: Start, workspace: Workspace, row: Row) -> None:
    """Run one world to its end: `held`, or the horizon and any truce that is in force on it."""
    clock, member, policy = workspace.clock, workspace.member, workspace.policy
    state, package, today = workspace.state, workspace.package, workspace.today
    horizon = len(course.calendar) - 1
    reacting.begin(start, workspace)
    begin_world(course, start, workspace)
    rows.begin_row(state, package, row)
    while day.goes_on(clock, horizon, state, row):
        if quiet.pass_days(course, workspace, row):
            continue
        advance_day(course, workspace)
        decide(workspace)
        if rows.is_eventful(state, today):
            reacting.settle(workspace, row)
        rows.record(clock, member, state, policy, package, today, row)
        day.apply_day(clock, member, state, policy, package, today)
    if workspace.blocks.number > 0:
        reacting.end_world(workspace, row)
    rows.close_row(member, state, policy, package, max(0, horizon - clock.day), row)


@compiled
def course_of(agendas: Agendas, n: int) -> Course:
    """Return the levers and the calendar of one of several agendas, in their memory."""
    segments = agendas.segments[agendas.first_row[n] : agendas.first_row[n + 1]]
    return Course(borrowed(agendas.policies), borrowed(segments), borrowed(agendas.calendar))


@compiled
def run_cases(
    agendas: Agendas,
    members: Records,
    starts: Records,
    cases: Records,
    workspace: Workspace,
    table: Records,
) -> None:
    """Run worlds, each under the agenda, with the member and on the luck that its case names.

    Parameters
    ----------
    agendas
        Levers of the days up to the horizon, and the calendar that all share.
    members, starts
        One record a member of the ensemble (`sim.engine.records.Layout`).
    cases
        What each world is to be (`sim.engine.cases.CASE`).
    workspace
        From `sim.engine.records.new_workspace`, with the seed; whatever else is in it.
    table
        One record a world (`sim.engine.row.ROW`), overwritten, in the order of the cases.
    """
    for n in range(len(table)):
        case: Case = cases[n]
        workspace.clock.world = case.world
        workspace.clock.anew = case.anew
        workspace.member = members[case.member]
        course = course_of(agendas, case.agenda)
        if workspace.blocks.number > 0 or agendas.blocks[case.agenda].number > 0:
            workspace.blocks = agendas.blocks[case.agenda]
        rows.open_row(case.world, case.member, table[n])
        run_world(course, starts[case.member], workspace, table[n])
