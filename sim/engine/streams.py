"""Luck that is looked up, never consumed.

Each draw has an address: seed, world, day, purpose and actor. A counter-based generator turns the
address into four random words, so the same world under another policy meets the same luck, and
adding a purpose shifts no other draw.

Source: Philox4x32-10, Salmon, Moraes, Dror and Shaw, 'Parallel random numbers: as easy as
1, 2, 3', SC 2011.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np

from sim.engine.domain import LUCK_DAYS, NONE
from sim.engine.jit import compiled, compiled_apart
from sim.engine.records import Clock, Day
from sim.engine.scratch import Luck

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ACTORS = np.uint64(256)
_TO_UNIT = 2.0**-32
_CENTRE = 0.425


class Purpose(IntEnum):
    """What a draw decides. Append only: a number is part of the address of its luck."""

    FRONT = 1
    CALENDAR = 2
    ANSWER = 3
    FOLLOW_THROUGH = 4
    EXIT = 5
    INCIDENTS = 6
    PAUSE = 7
    PARTIAL = 8
    PARTIAL_ANSWER = 9
    PARTIAL_IN_FORCE = 10
    BREACH = 11
    LONG_RANGE = 12
    WINDOW = 13
    STRIKES = 14


@compiled
def philox(
    c0: np.uint64,
    c1: np.uint64,
    c2: np.uint64,
    c3: np.uint64,
    k0: np.uint64,
    k1: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Turn a counter and a key, in 32-bit words, into four random 32-bit words (ten rounds)."""
    for _ in range(10):
        p0 = _MULTIPLIER_0 * c0
        p1 = _MULTIPLIER_1 * c2
        c0 = (p1 >> _HALF) ^ c1 ^ k0
        c2 = (p0 >> _HALF) ^ c3 ^ k1
        c1 = p1 & _WORD
        c3 = p0 & _WORD
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@compiled
def uniforms(
    seed: int, world: int, day: int, purpose: int, actor: int
) -> tuple[float, float, float, float]:
    """Return four uniforms, strictly between 0 and 1, that belong to one address.

    Parameters
    ----------
    seed
        0 to 2^63 - 1, the key.
    world, day, purpose, actor
        The counter; ``actor`` below 256.
    """
    w = np.uint64(world)
    s = np.uint64(seed)
    a, b, c, d = philox(
        w & _WORD,
        w >> _HALF,
        np.uint64(day),
        np.uint64(purpose) * _ACTORS + np.uint64(actor),
        s & _WORD,
        s >> _HALF,
    )
    return (
        (float(a) + 0.5) * _TO_UNIT,
        (float(b) + 0.5) * _TO_UNIT,
        (float(c) + 0.5) * _TO_UNIT,
        (float(d) + 0.5) * _TO_UNIT,
    )


@compiled
def is_anew(clock: Clock, purpose: int, part: int) -> bool:
    """Whether today's luck of a purpose, and of an actor or kind, is to be thrown anew."""
    anew = clock.anew
    if anew.purposes >> purpose & 1 == 0:
        return False
    return (anew.day == 0 or anew.day == clock.day) and (anew.part == NONE or anew.part == part)


@compiled
def luck_of(clock: Clock, purpose: int, actor: int) -> tuple[float, float, float, float]:
    """Return today's four uniforms of a world for a purpose and an actor, as `uniforms` has them.

    They are those of the clock's seed, unless they are to be thrown anew (`Anew`): then those of
    the other seed, at the same address.
    """
    seed = clock.anew.seed if is_anew(clock, purpose, actor) else clock.seed
    return uniforms(seed, clock.world, clock.day, purpose, actor)


@compiled
def _ratio_centre(r: float) -> float:
    top = 2.5090809287301226727e3
    top = top * r + 3.3430575583588128105e4
    top = top * r + 6.7265770927008700853e4
    top = top * r + 4.5921953931549871457e4
    top = top * r + 1.3731693765509461125e4
    top = top * r + 1.9715909503065514427e3
    top = top * r + 1.3314166789178437745e2
    top = top * r + 3.3871328727963666080e0
    low = 5.2264952788528545610e3
    low = low * r + 2.8729085735721942674e4
    low = low * r + 3.9307895800092710610e4
    low = low * r + 2.1213794301586595867e4
    low = low * r + 5.3941960214247511077e3
    low = low * r + 6.8718700749205790830e2
    low = low * r + 4.2313330701600911252e1
    return top / (low * r + 1.0)


@compiled
def _ratio_tail(r: float) -> float:
    top = 7.74545014278341407640e-4
    top = top * r + 2.27238449892691845833e-2
    top = top * r + 2.41780725177450611770e-1
    top = top * r + 1.27045825245236838258e0
    top = top * r + 3.64784832476320460504e0
    top = top * r + 5.76949722146069140550e0
    top = top * r + 4.63033784615654529590e0
    top = top * r + 1.42343711074968357734e0
    low = 1.05075007164441684324e-9
    low = low * r + 5.47593808499534494600e-4
    low = low * r + 1.51986665636164571966e-2
    low = low * r + 1.48103976427480074590e-1
    low = low * r + 6.89767334985100004550e-1
    low = low * r + 1.67638483018380384940e0
    low = low * r + 2.05319162663775882187e0
    return top / (low * r + 1.0)


@compiled
def normal(u: float) -> float:
    """Turn a uniform into a standard normal by inversion; larger ``u``, larger normal.

    For uniforms of 32 bits, which stay above e-25: two of the three pieces of AS 241 (Wichura
    1988, 'The percentage points of the normal distribution', Applied Statistics 37).
    """
    if abs(u - 0.5) <= _CENTRE:
        return _centre(u)
    r = math.sqrt(-math.log(u if u < 0.5 else 1.0 - u))
    tail = _ratio_tail(r - 1.6)
    return -tail if u < 0.5 else tail


@compiled
def _centre(u: float) -> float:
    q = u - 0.5
    return q * _ratio_centre(0.180625 - q * q)


@compiled
def ready_luck(clock: Clock, first: int, luck: Luck) -> None:
    """Draw the luck of the days from ``first`` on, unless it has been drawn."""
    if luck.first != first or luck.world != clock.world or luck.seed != clock.seed:
        draw_luck(clock.seed, clock.world, first, luck)


@compiled_apart
def draw_luck(seed: int, world: int, first: int, luck: Luck) -> None:
    """Look up the luck of consecutive days from ``first``.

    The calendar's as `uniforms`, the front's as `normal` of them; so many days at once because
    the processor computes them side by side.
    """
    luck.seed = seed
    luck.world = world
    luck.first = first
    for n in range(LUCK_DAYS):
        u, v, w, _ = uniforms(seed, world, first + n, Purpose.FRONT, 0)
        a, b, c, d = uniforms(seed, world, first + n, Purpose.CALENDAR, 0)
        luck.front[n] = u
        luck.front[LUCK_DAYS + n] = v
        luck.front[2 * LUCK_DAYS + n] = w
        luck.calendar[0, n] = a
        luck.calendar[1, n] = b
        luck.calendar[2, n] = c
        luck.calendar[3, n] = d
    for n in range(3 * LUCK_DAYS):
        luck.normal[n] = _centre(luck.front[n])
    _draw_tails(luck)


@compiled
def _draw_tails(luck: Luck) -> None:
    """Replace the few normals that are in the tails, gathered so that they go side by side too."""
    number = 0
    for n in range(3 * LUCK_DAYS):
        luck.place[number] = n
        number += int(abs(luck.front[n] - 0.5) > _CENTRE)
    for m in range(number):
        u = luck.front[luck.place[m]]
        luck.tail[m] = -math.log(u if u < 0.5 else 1.0 - u)
    for m in range(number):
        luck.tail[m] = _ratio_tail(math.sqrt(luck.tail[m]) - 1.6)
    for m in range(number):
        n = luck.place[m]
        luck.normal[n] = -luck.tail[m] if luck.front[n] < 0.5 else luck.tail[m]


@compiled_apart
def throw_anew(clock: Clock, today: Day) -> None:
    """Replace what of today's luck of the front and the calendar is to be thrown anew."""
    front = uniforms(clock.anew.seed, clock.world, clock.day, Purpose.FRONT, 0)
    for kind in range(3):
        if is_anew(clock, Purpose.FRONT, kind):
            today.shock[kind] = normal(front[kind])
    calendar = uniforms(clock.anew.seed, clock.world, clock.day, Purpose.CALENDAR, 0)
    for kind in range(4):
        if is_anew(clock, Purpose.CALENDAR, kind):
            today.calendar[kind] = calendar[kind]


@compiled
def happens(rate: float, u: float) -> bool:
    """Whether what comes at a rate a day comes today: with the chance 1 - exp(-rate).

    That chance is never more than the rate, so that most days need no exponential.
    """
    return u < rate and u < 1.0 - math.exp(-rate)


@compiled
def poisson(rate: float, u: float) -> int:
    """Turn a uniform into a Poisson count by inversion; ``rate`` moderate, at most 1,000 drawn."""
    term = math.exp(-rate)
    total = term
    count = 0
    while u > total and count < 1000:
        count += 1
        term *= rate / count
        total += term
    return count
