"""Small tables: odds as a row of numbers, and a DataFrame as HTML for a notebook."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20
"""Rows that a notebook shows of a table."""


class Estimated(Protocol):
    """What has a mean and two intervals: odds, a price, or a difference of either."""

    @property
    def mean(self) -> float:
        """The estimate."""

    @property
    def mc(self) -> tuple[float, float] | None:
        """95 % interval of the estimate, or None."""

    @property
    def ensemble(self) -> tuple[float, float] | None:
        """Central 90 % of the members, or None."""


def interval_columns(estimate: Estimated | None) -> dict[str, float | None]:
    """Return an estimate and its intervals by column; None where there is none."""
    if estimate is None:
        return dict.fromkeys(("mean", "mc_low", "mc_high", "members_low", "members_high"))
    nothing: tuple[Any, Any] = (None, None)
    dice, members = estimate.mc or nothing, estimate.ensemble or nothing
    return {
        "mean": estimate.mean,
        "mc_low": dice[0],
        "mc_high": dice[1],
        "members_low": members[0],
        "members_high": members[1],
    }


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet; a column with values of several kinds is written as text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {}
    for name in table:
        values = table[name]
        mixed = values.dtype == object and len({type(value) for value in values.dropna()}) > 1
        columns[str(name)] = values.map(_text, na_action="ignore") if mixed else values
    arrow = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    pq.write_table(arrow, path, compression="zstd")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def html_of(caption: str, table: pd.DataFrame) -> str:
    """Return the first rows of a table as HTML, below a line of text; all text is escaped."""
    rows = table.head(SHOWN).to_html(
        index=False, border=0, na_rep="", float_format=lambda number: f"{number:.4g}"
    )
    left = len(table) - SHOWN
    more = f"<p>and {left:,} more rows</p>" if left > 0 else ""
    return f"<p>{html.escape(caption)}</p>{rows}{more}"
