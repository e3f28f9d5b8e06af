"""The score of a ledger: the model beside others, and what so few questions can show."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import StoreError
from sim.files import is_ours, json_bytes, write_whole
from sim.frames import html_of
from sim.ledger.book import HINDCAST, PAGES, SEALED, Forecast, forecasts_from
from sim.ledger.question import OWN
from sim.ledger.scoring import (
    BINS,
    CLAIM,
    CLIP,
    Ahead,
    Murphy,
    ahead,
    brier,
    discrimination,
    log_score,
    murphy,
    power,
)
from sim.read_back import read_back
from sim.reading import read_document

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/score/1"
SCORE_FILE = "score.json"
_FIGURES = ("scores.png", "scores.svg")
NAMES = {
    "model": "the model",
    "base_rate": "base rate",
    "prior": "prior ensemble",
    "frequency": "running frequency",
}
"""What the ledger's own forecasters are called."""


@dataclass(frozen=True)
class Told:
    """One forecaster's scores.

    Attributes
    ----------
    n
        How many settled questions it has odds of.
    brier, log
        Its scores on these; None if there are none.
    model
        The model's Brier score on the same questions.
    lead
        By how much the model is ahead of it on them; None for the model itself.
    """

    n: int
    brier: float | None
    log: float | None
    model: float | None
    lead: Ahead | None


@dataclass(frozen=True)
class PageScore:
    """The score of one page: what was sealed before its answer, or hindcasts.

    Attributes
    ----------
    n, void, open
        Questions settled yes or no, void, and not settled yet.
    yes
        How many came true.
    told
        By forecaster, the model first.
    murphy
        The parts of the model's Brier score; None without settled questions.
    auc
        Its discrimination; None unless some came true and some did not.
    power
        The chance that a perfect forecaster would be seen ahead of the base rate on so many.
    forecasts
        All of the page, settled or not.
    """

    n: int
    void: int
    open: int
    yes: int
    told: Mapping[str, Told]
    murphy: Murphy | None
    auc: float | None
    power: float
    forecasts: tuple[Forecast, ...] = field(default=(), repr=False)

    @property
    def asked(self) -> list[Forecast]:
        """The settled questions."""
        return [one for one in self.forecasts if one.came is not None]

    def verdict(self, name: str) -> str:
        """Say whether the model is ahead of another forecaster, as far as it may be said."""
        lead = self.told[name].lead
        if lead is None or lead.interval is None:
            return "too few to tell"
        low, high = lead.interval
        if high < 0.0:
            return "behind"
        if power(lead.n) < CLAIM:
            return "too few to claim skill"
        return "ahead" if low > 0.0 else "tied"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "n": self.n,
            "void": self.void,
            "open": self.open,
            "yes": self.yes,
            "brier": {name: one.brier for name, one in self.told.items()},
            "log": {name: one.log for name, one in self.told.items()},
            "murphy": self.murphy.as_dict() if self.murphy else None,
            "auc": self.auc,
            "power": self.power,
            "against": {
                name: {
                    "n": one.n,
                    "model": one.model,
                    "mean": one.lead.mean,
                    "interval": list(one.lead.interval) if one.lead.interval else None,
                    "verdict": self.verdict(name),
                }
                for name, one in self.told.items()
                if one.lead is not None
            },
        }


def score_of(forecasts: Sequence[Forecast]) -> PageScore:
    """Score the forecasts of one page."""
    asked = tuple(one for one in forecasts if one.came is not None)
    voids = sum(one.state == "void" for one in forecasts)
    names = dict.fromkeys([*OWN, *(name for one in asked for name in one.others)])
    odds = np.array([one.odds.mean for one in asked], float)
    came = np.array([one.came for one in asked], float)
    settled = len(asked) > 0
    return PageScore(
        len(asked),
        voids,
        len(forecasts) - len(asked) - voids,
        int(came.sum()),
        {name: _told(name, asked, odds, came) for name in names},
        murphy(odds, came) if settled else None,
        discrimination(odds, came) if settled else None,
        power(len(asked)),
        tuple(forecasts),
    )


def _told(name: str, asked: Sequence[Forecast], odds: Any, came: Any) -> Told:
    if name == "model":
        mine = brier(odds, came) if len(odds) else None
        return Told(len(odds), mine, log_score(odds, came) if len(odds) else None, mine, None)
    said = np.array([_odds(one, name) for one in asked], float)
    there = ~np.isnan(said)
    if not there.any():
        return Told(0, None, None, None, None)
    theirs, ours, truth = said[there], odds[there], came[there]
    return Told(
        int(there.sum()),
        brier(theirs, truth),
        log_score(theirs, truth),
        brier(ours, truth),
        ahead(ours, theirs, truth),
    )


def _odds(forecast: Forecast, name: str) -> float:
    odds = forecast.others.get(name)
    return float("nan") if odds is None else odds


@dataclass(frozen=True, repr=False)
class Score:
    """The score of a ledger, by page; the pages are never taken together."""

    pages: Mapping[str, PageScore]

    @property
    def sealed(self) -> PageScore:
        """Of what was sealed before its answer was known."""
        return self.pages[SEALED]

    @property
    def hindcasts(self) -> PageScore:
        """Of what was not."""
        return self.pages[HINDCAST]

    def __repr__(self) -> str:
        def said(page: PageScore) -> str:
            score = page.told["model"].brier
            return f"{page.n} settled" + ("" if score is None else f", Brier {score:.3f}")

        return f"<Score of sealed: {said(self.sealed)}; of hindcasts: {said(self.hindcasts)}>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/score/1`).

        At the top stands what was sealed before its answer; ``hindcasts`` has the same of those.
        """
        return {
            "schema": SCHEMA,
            **self.sealed.as_dict(),
            "hindcasts": self.hindcasts.as_dict(),
            "log_clipped_at": CLIP,
            "murphy_bins": list(BINS),
            "skill_claimed_from_power": CLAIM,
        }

    def table(self) -> pd.DataFrame:
        """Return a row a page and forecaster.

        Columns: ``page``, ``forecaster``, ``n``, ``brier``, ``log``; on the same questions the
        model's ``model_brier``, by how much it is ``ahead`` with its 95 % ``ahead_low`` and
        ``ahead_high``, and the ``verdict``.
        """
        import pandas as pd

        return pd.DataFrame(
            [_row(page, name, score) for page, score in self.pages.items() for name in score.told]
        )

    def plot(self, **options: Any) -> Any:
        """Return its figure, `sim.plots.scores`."""
        return import_module("sim.plots").scores(self, **options)

    def save(self, folder: Path | str) -> Path:
        """Write ``score.json`` into a folder and return the file.

        Raises
        ------
        StoreError
            If it cannot be written, or another file of that name is there.
        """
        path = Path(folder) / SCORE_FILE
        there = [one for one in (SCORE_FILE, *_FIGURES) if os.path.lexists(path.with_name(one))]
        if there and not is_ours(path):
            what = "is there, and this program did not make it. It is left as it is."
            raise StoreError(str(path.with_name(there[0])), what, "Name another folder with --out.")
        kept = [one.as_dict() for score in self.pages.values() for one in score.forecasts]
        write_whole(path, json_bytes({**self.as_dict(), "forecasts": kept}))
        return path

    @classmethod
    def open(cls, folder: Path | str) -> Score:
        """Return the score that `save` wrote.

        Raises
        ------
        StoreError
            If there is none, or it is damaged.
        """
        document = read_document(Path(folder) / SCORE_FILE)
        if document is None or document.get("schema") != SCHEMA:
            raise StoreError(str(folder), "holds no score.", "Make one: truce ledger score --out.")
        with read_back(Path(folder) / SCORE_FILE):
            return scored(forecasts_from(document.get("forecasts", ()), str(folder)))

    def _repr_html_(self) -> str:
        return html_of(repr(self)[1:-1], self.table())


def scored(forecasts: Sequence[Forecast]) -> Score:
    """Score forecasts, each page apart."""
    pages = {page: [one for one in forecasts if one.page == page] for page in PAGES}
    return Score({page: score_of(those) for page, those in pages.items()})


def _row(page: str, name: str, score: PageScore) -> dict[str, Any]:
    told = score.told[name]
    lead = told.lead
    low, high = lead.interval if lead and lead.interval else (None, None)
    return {
        "page": page,
        "forecaster": name,
        "n": told.n,
        "brier": told.brier,
        "log": told.log,
        "model_brier": told.model,
        "ahead": lead.mean if lead else None,
        "ahead_low": low,
        "ahead_high": high,
        "verdict": score.verdict(name) if lead else "",
    }
