"""The words in which a score is told, on the command line, in figures and in briefings."""

from __future__ import annotations

from sim.ledger.book import HINDCAST, SEALED
from sim.ledger.scoring import CLAIM, CLIP, power
from sim.text import counted

TITLES = {SEALED: "Sealed before the answer", HINDCAST: "Hindcasts, answer known when made"}
NOTES = (
    "Brier: mean squared error of the odds; 0 is perfect, .25 is always saying one half. Log: mean "
    f"of minus the log of the chance given to what came, odds clipped to {CLIP:g} and "
    f"{1.0 - CLIP:g}.",
    "Model ahead by: the difference of Brier scores on the questions that both answered, above 0 "
    "if the model is ahead; the 95% interval takes questions as independent, which those of one "
    "conflict in a few months are not.",
    "Hindcasts show how the model fits days that it was built after. They are no test of "
    "foresight.",
)


def power_sentence(n: int) -> str:
    """Say what so many questions can show.

    Examples
    --------
    >>> power_sentence(1)
    'With 1 question nothing can be shown.'
    """
    if n < 2:
        return f"With {counted(n, 'question')} nothing can be shown."
    chance = power(n)
    said = (
        f"With {n:,} questions even a perfect forecaster would be seen ahead of the base rate "
        f"with a chance of only {chance:.2f}"
    )
    if chance >= CLAIM:
        return f"{said.replace('even ', '').replace('only ', '')}: enough to claim skill."
    return f"{said}: too few to claim skill from, whatever the score."
