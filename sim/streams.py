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

from sim.jit import compiled

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ACTORS = np.uint64(256)
_TO_UNIT = 2.0**-32
_TWO_PI = 2.0 * math.pi


class Purpose(IntEnum):
    """What a draw decides. Append only: a number is part of the address of its luck."""

    FRONT = 1
    CALENDAR = 2
    ANSWER = 3
    FOLLOW_THROUGH = 4
    EXIT = 5
    INCIDENTS = 6


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
def normals(u: float, v: float) -> tuple[float, float]:
    """Turn two uniforms into two independent standard normals (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(u))
    return radius * math.cos(_TWO_PI * v), radius * math.sin(_TWO_PI * v)


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
