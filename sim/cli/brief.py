"""`truce brief`: a run or a study told in pages that decide something."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import parse_folder
from sim.cli.tables import print_json, progress_bar


def brief(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN-or-STUDY...",
            help="Runs, comparisons, studies: folders, ids, beginnings of ids, or `last`; and the "
            "folders of `truce timeline` and `truce evidence influence`.",
        ),
    ],
    forms: Annotated[str, typer.Option("--format", help="html, pdf, pptx, or several.")] = "html",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=parse_folder, metavar="DIR", help="Where the files go (default outputs/briefs)."
        ),
    ] = None,
    runs: Annotated[Path, typer.Option("--runs", help="Where ids are looked up.")] = Path(
        "outputs"
    ),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the names of the files as JSON alone.")
    ] = False,
) -> None:
    """Write a briefing: the answer with how sure, why, says who, and what would change it.

    Several runs are compared with the first; a single one with the baseline. Parts appear if the
    input has them: give outputs/timeline for how the odds moved, outputs/influence for what they
    rest on.

    Example: truce brief last outputs/timeline --format html,pdf,pptx
    """
    from sim.brief.write import check_folder, check_forms

    asked = check_forms(forms)
    check_folder(out or runs / "briefs", asked)
    from sim.brief import briefing
    from sim.brief.inputs import gather
    from sim.brief.write import write_forms

    try:
        with progress_bar("worlds") as bar, gather(inputs, runs, bar) as material:
            told = briefing(material)
            name = "-".join(Path(one).name for one in material.given)[:80]
            written = write_forms(told, asked, out or runs / "briefs" / name)
            timeline, influences = material.timeline, material.influences
    except KeyboardInterrupt:
        sys.stderr.write("\ntruce: interrupted; nothing was written.\n")
        raise SystemExit(130) from None
    if timeline is None:
        _hint("how the odds moved with the news", "truce timeline", "outputs/timeline")
    if influences is None:
        _hint("which evidence moves them", "truce evidence influence", "outputs/influence")
    if as_json:
        print_json({"schema": "truce/brief/1", "files": [str(path) for path in written]})
        return
    for path in written:
        sys.stdout.write(f"{path}\n")


def _hint(what: str, command: str, name: str) -> None:
    sys.stderr.write(f"Left out: {what}. `{command}` makes it; then add its folder, {name}.\n")
