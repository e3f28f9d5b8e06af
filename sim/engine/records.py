"""The records that rules read: what an ensemble, a state, a policy and a day hold."""

from __future__ import annotations

import functools
from typing import Annotated, NamedTuple

import numpy as np

from sim.engine.domain import AXES
from sim.engine.dtypes import Flags, Reals, Records, Wholes, as_records, dtype_of
from sim.engine.reactions import NEVER, Blocks, Imposed, Reacting
from sim.engine.scratch import Anew, Luck, Proposal

PerSide = Annotated[Reals, ("side",)]
PerIssue = Annotated[Reals, ("side", "issue")]
PerBloc = Annotated[Reals, ("bloc",)]
PerScope = Annotated[Reals, ("scope",)]


class Member:
    """What is settled today and does not change: the parameters and the hidden types.

    Each scalar is a row of ``calibration/parameters.toml`` of the same name, where meaning, unit,
    prior and source stand; ``name.r`` and ``name.u`` there fill a pair here, ``name.<issue>`` an
    issue, ``name.<issuer>`` an issuer.
    """

    precision: float
    exponent: float
    fighting_cost: PerSide
    war_months: float
    sanctions_burden: float
    aid_loss: float
    aid_cost_to_enemy: float
    rearmament_fear: float
    guarantee_rivalry: float
    attack_fear: float
    monitoring_relief: float
    optimism: PerSide
    audience_cost: float
    settlement_base: float
    settlement_guarantee: float
    settlement_trust: float
    settlement_named: float
    aims_met: float
    truce_momentum_kept: float
    expected: Annotated[Reals, ("valued issue",)]
    slope: Annotated[Reals, ("valued issue",)]
    conceded_position: float
    snapback: float
    silence_settles: float
    opponent_known: float
    credit: float
    goodwill: float
    goodwill_decay: float
    ask: float
    delay: float
    condition_commits: float
    defused: float
    walkaway_worth: PerSide
    bloc_base: float
    bloc_backstop: float
    bloc_others: float
    unbacked_worth: float
    bloc_stance: float
    bloc_blame: float
    capability: PerBloc
    sanctions_share: PerBloc
    proposal_step: float
    time_cost: float
    round_rate: float
    direct_rate: float
    direct_progress: float
    strike_persistence: float
    strike_sd: float
    strike_rejection: float
    strike_sympathy: float
    pause_hazard: float
    pause_holiday: float
    pause_days: float
    pause_extension: float
    partial_chance: float
    partial_coverage: PerScope
    partial_price: PerScope
    partial_settlement: float
    partial_resolve: float
    partial_hazard: float
    blame: float
    blame_condition_share: float
    tilt_return: float
    side_payment_worth: float
    walkaway_hazard: float
    progress_halflife_days: float
    progress_condition: float
    patience_progress: float
    severity: Annotated[Reals, ("sanctioner",)]
    follow_base: float
    follow_commitment: float
    follow_tilt: float
    follow_progress: float
    follow_lead: float
    threat_patience_days: float
    coerced_lift: float
    belief_commitment: float
    belief_forgetting: float
    backstop_spill: float
    front_mean: float
    front_reversion: float
    front_sd: float
    front_aid: float
    front_sanctions: float
    sanctions_lag_days: float
    exit_hazard: float
    exit_slope: float
    exit_cap: float
    truce_settling: float
    punishment: float
    punishment_shift: float
    incident_rate: PerSide
    long_range_share: float
    incident_monitoring: float
    incident_guarantee: float
    incident_trust: float
    incident_temptation: float
    incident_log_cap: float
    patience_ends: float
    retaliation: PerSide
    trust_collapse_share: float
    trust_incident: float
    trust_day: float
    collapse_pause_days: float
    # types: what each actor hides
    resolve: PerSide
    follow_type: Annotated[Reals, ("sanctioner",)]
    bloc_type: PerBloc
    """How much less than others each bloc is willing to carry."""
    # positions
    ideal: PerIssue
    red_line: PerIssue
    weight: PerIssue
    """Issue weights of u sum to 1 over the first seven; the eighth is the procedure's share v."""
    mediator_position: Annotated[Reals, ("offered issue",)]
    """The mediator's own position on what can be offered: it concedes no further than that."""


class Standing:
    """How a world stands on the evening of a day."""

    momentum: float
    sanctions: float
    sanctions_lag: float
    coerced: float
    """The part of the sanctions that was imposed on R for refusing a truce."""
    tilt: float
    progress: float
    trust: float
    patience: float
    kept: Annotated[Reals, ("issuer",)]
    lapsed: Annotated[Reals, ("issuer",)]
    resolve_mean: PerSide
    """What the mediator believes of each side's resolve, and the variance of that belief."""
    resolve_variance: PerSide
    strike: PerSide
    """Log of a side's strike intensity, 0 its usual one."""
    pledge: PerBloc
    """Share of its capability that a bloc pledges to a contingent."""
    stance: PerBloc
    """Share of its part of the blocs' sanctions that a bloc stands ready for."""
    last_answer: Annotated[Wholes, ("side",)]
    condition_days: Annotated[Wholes, ("side",)]
    """Bit n is set if the side answered with a condition n + 1 days ago; 60 days are kept."""
    executed: Annotated[Reals, ("threat",)]
    """How much of each threat has been carried out."""
    aid_cut: float
    """Share of arms supply that was cut when a threat was carried out."""
    pause_until: int
    """The last day of a short pause, or NONE."""
    pause_mirrored: bool
    extension_asked: bool
    """A round is held on the next day, on extending a pause."""
    partial_scope: int
    """What the partial truce in force, or agreed, covers, or NONE."""
    partial_starts: int
    """The day on which it takes effect; before the first day if it was in force already."""
    partial_day: int
    """Days that the partial truce in force has held."""
    relieved: float
    """Sanctions lifted while a truce is in force; they snap back."""
    mediator_left: bool
    review_due: bool
    """Something happened after which the blocs review what they pledge."""
    backstop_seen: float
    talks_resume: int
    """No round before this day."""
    truce_starts: int
    """The day on which the present or agreed full truce takes effect, or NONE.

    0 if it was in force before the first day.
    """
    truce_day: int
    """Days that the truce in force has held."""
    incidents: Annotated[Reals, ("domain of side", "day ago")]
    """Incidents by 2 x side + domain on each of the last seven days, newest first."""


class Start(Standing):
    """The state on the as-of day, as it travels with a member."""

    threat_ran: Annotated[Wholes, ("threat",)]
    """Days that a threat's clock has run by the as-of day, or NONE."""
    threatened: Annotated[Reals, ("threat",)]
    deadline: float
    """What the levers had threatened by then, and by when: a threat raised since starts anew."""
    signed: Annotated[Reals, ("offered issue",)]
    signed_named: Annotated[Flags, ("offered issue",)]
    signed_conceded: Annotated[Flags, ("offered issue",)]
    """The package of the truce that is agreed or in force."""


class State(Standing):
    """One world, today."""

    day: int
    """Days since the as-of day."""
    threat_since: Annotated[Wholes, ("threat",)]
    """The day from which a threat's clock runs, or NONE."""
    progress_kept: float
    """The share of the talks' progress that a day leaves, settled at the start."""
    strike_told: PerSide
    """Log of each side's strikes above which the press would tell that they have intensified."""
    patience_told: float
    """The mediator's patience below which it would warn; -1 if it was so thin on the as-of day."""


class Policy:
    """The levers on one day; see ``sim.inputs.levers.LEVERS`` for units and ranges."""

    threat: Annotated[Reals, ("threat",)]
    deadline_days: float
    follow_through: Annotated[Wholes, ("sanctioner",)]
    """A `FollowThrough` for each issuer of sanctions."""
    commitment: float
    on_breach: float
    relief: float
    relief_on_signature: float
    offer: Annotated[Reals, ("offered issue",)]
    named: Annotated[Flags, ("offered issue",)]
    concede_nato: bool
    concede_recognition: bool
    flexibility: float
    mandate: Annotated[Flags, ("offered issue",)]
    """The issues on which the mediator may concede."""
    ambition: float
    backstop: float
    pledged: float
    monitoring: float
    aid_level: float
    side_payment: float
    patience_days: float
    momentum_shift: float


class Package:
    """What lies on the table: a place on each named issue; the rest is left to later talks."""

    x: Annotated[Reals, ("issue",)]
    named: Annotated[Flags, ("issue",)]
    conceded: Annotated[Flags, ("issue",)]
    force_limits: float
    """Limits on U's forces during the truce, 0 when that issue is deferred."""
    guarantee: float
    """G: the protection after the truce, 0 none to 1 the fullest discussed."""
    relief: float
    relief_now: float


class Clock:
    """Whose luck is looked up, and for which day: the address of every draw."""

    seed: int
    world: int
    day: int
    review: bool
    """The blocs review today, as on the first and the fifteenth of a month."""
    holiday: bool
    """A holiday of the calendar is no more than two days away."""
    dated_round: bool
    """A mediated round is in the calendar today."""
    anew: Anew


class Day:
    """What was decided on one day, before anything moves."""

    round_held: bool
    mediated: bool
    first_mover: int
    answer: Annotated[Wholes, ("side",)]
    blocked_issue: Annotated[Wholes, ("side",)]
    gain: PerSide
    """What signing the package of today's round is worth to each side."""
    felt: PerSide
    """The share of each side's resolve that weighs against that package."""
    accept_believed: PerSide
    condition_believed: PerSide
    """The chances of a yes and of a condition that the mediator gave to each side."""
    p_other_accepts: PerSide
    """The chance, as each side's answer was read, that the other accepts."""
    direct_talk: bool
    shock: Annotated[Reals, (3,)]
    """The front's luck: standard normals for momentum, strikes of R, strikes of U."""
    calendar: Annotated[Reals, (4,)]
    """The calendar's luck: uniforms for a round, the mediator's leaving, direct talk, a pause."""
    reviewed: bool
    pledge: PerBloc
    stance: PerBloc
    pause_declared: bool
    pause_mirrored: bool
    extension_asked: bool
    partial_scope: int
    """What a partial truce that both accepted today covers, or NONE."""
    partial_ends: bool
    met: Annotated[Flags, ("threat",)]
    """A threat was carried out on its decision day, or after a breach."""
    lapsed: Annotated[Flags, ("threat",)]
    """A threat was let pass."""
    breach: bool
    bite: Annotated[Reals, ("threat",)]
    """What carrying it out adds: to sanctions in force, or to the cut in arms supply."""
    backstop_called: bool
    backstop_honoured: bool
    mediator_leaves: bool
    incidents: Annotated[Reals, (4,)]
    truce_ends: int
    """A TruceEnd, or NONE."""
    breaker: int
    imposed: Imposed
    happened: int
    """The public events of today, as bits."""
    announced: int
    """Those that were decided today to happen tomorrow."""


class Workspace:
    """What a block of worlds works on, all in one piece.

    In one piece, since the compiler then knows that the records do not overlap.
    """

    clock: Clock
    member: Member
    policy: Policy
    state: State
    package: Package
    proposal: Proposal
    today: Day
    blocks: Blocks
    reacting: Reacting
    luck: Luck
    segment: int
    """Which stretch of the agenda's levers is in force."""
    tabled: int
    """The stretch whose levers put on the table what lies there."""


POLICY = dtype_of(Policy)
PACKAGE = dtype_of(Package)
CLOCK = dtype_of(Clock)


class Layout(NamedTuple):
    """The dtypes of the records whose length depends on how many blocs there are."""

    member: np.dtype[np.void]
    start: np.dtype[np.void]
    state: np.dtype[np.void]
    day: np.dtype[np.void]
    workspace: np.dtype[np.void]


@functools.cache
def layout(blocs: int) -> Layout:
    """Return the dtypes of records for so many blocs."""
    sizes = {**AXES, "bloc": blocs}
    return Layout(*(dtype_of(kind, sizes) for kind in (Member, Start, State, Day, Workspace)))


def layout_of(members: Records) -> Layout:
    """Return the dtypes of records that go with these members."""
    return layout(members.dtype["capability"].shape[0])


def new_workspace(members: Records, seed: int = 0) -> Workspace:
    """Allocate what a block of worlds of these members works on, with the luck of a seed."""
    allocated = np.zeros(1, layout_of(members).workspace)
    allocated["clock"]["seed"] = seed
    allocated["reacting"]["next_look"] = NEVER
    workspace: Workspace = as_records(allocated)[0]
    return workspace
