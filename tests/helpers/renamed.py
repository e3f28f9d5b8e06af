"""Another conflict: a copy of the shipped data with other names, other days and fewer blocs."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

from sim.inputs.conflict import Conflict, shipped

NAMES = {
    "Russia": "Ruritania",
    "Moscow": "Strelsau",
    "Kremlin": "Palace",
    "Putin": "Rudolf",
    "Ukrain": "Illyri",
    "Kyiv": "Apollonia",
    "Zelensk": "Orsin",
    "Yermak": "Malvolio",
    "United States": "Arcadia",
    "America": "Arcadia",
    "Washington": "Lycosura",
    "United Kingdom": "Albion",
    "British": "Albionese",
    "London": "Trinovantum",
    "France": "Lilliput",
    "French": "Lilliputian",
    "Paris": "Mildendo",
    "Germany": "Laputa",
    "German": "Laputan",
    "Berlin": "Lagado",
    "Nordic": "Brobdingnag",
    "European Union": "Utopia",
    "Europe": "Atlantis",
    "Crimea": "Lindos",
    "Donbas": "Zenda",
    "Zaporizhzhia": "Hentzau",
    "Trump": "Arthur",
    "Witkoff": "Merlin",
    "Istanbul": "Ephesus",
}
"""What names, or the beginnings of names, become in every text."""
IDS = {
    "us": "arcadia",
    "russia": "ruritania",
    "ukraine": "illyria",
    "europe": "atlantis",
    "uk": "albion",
    "france": "lilliput",
    "nordics": "brobdingnag",
    "eu": "utopia",
    "germany": "laputa",
}
"""What the ids of actors, and of the blocs together, become."""
OLD = re.compile(
    r"russia|ukrain|kyiv|moscow|kremlin|united states|america|washington|united kingdom|france|"
    r"french|german|nordic|european|crimea|zaporizh|putin|zelensk|trump|\bEurope\b",
    re.IGNORECASE,
)
"""Names of the shipped conflict, none of which may come up again."""
INTERFACE = (
    *("ukraine.side_payment", '"ukraine": {'),
    *("sanctions.europe_threat", "credibility_europe_end", ".europe", "europe_threat"),
)
"""Names of levers and of columns, which stay."""
ACTORS = """schema = "truce/actors/1"

[[actor]]
id = "arcadia"
name = "Arcadia"
short = "AR"
role = "mediator"
source = "assumed"

[[actor]]
id = "ruritania"
name = "Ruritania"
capital = "Strelsau"
role = "belligerent_r"
source = "assumed"

[[actor]]
id = "illyria"
name = "Illyria"
capital = "Apollonia"
colour = "#123456"
role = "belligerent_u"
source = "assumed"
"""
BLOCS = {
    "albion": ("Albion", 0.35, 0.15),
    "lilliput": ("Lilliput", 0.5, 0.2),
    "brobdingnag": ("Brobdingnag", 0.15, 0.05),
    "utopia": ("Utopia", 0.0, 0.6),
}
"""Four blocs: name, capability, share of the sanctions; the rows of a fifth are the second's."""


def old_names(text: str) -> list[str]:
    """Return the names of the shipped conflict in a text, each with what stands around it."""
    for word in INTERFACE:
        text = text.replace(word, "")
    return [text[max(0, m.start() - 40) : m.end() + 40] for m in OLD.finditer(text)]


def renamed(text: str) -> str:
    """Return a text of the shipped data with the other names."""
    text = text.replace("ukraine.side_payment", "\0")
    for old, new in NAMES.items():
        text = text.replace(old, new)
    for old, new in IDS.items():
        text = text.replace(f'"{old}"', f'"{new}"').replace(f"target={old}", f"target={new}")
        text = text.replace(f'"bloc_type.{old}"', f'"bloc_type.{new}"')
        text = text.replace(f"'{old}'", f"'{new}'")
    return text.replace("\0", "ukraine.side_payment")


def later(text: str, days: int) -> str:
    """Return a text with every day of the war later by so many days, and the years in words.

    Older days are those of papers.
    """
    shift = dt.timedelta(days=days)

    def moved(found: re.Match[str]) -> str:
        day = dt.date.fromisoformat(found[0])
        return str(day + shift) if day >= shipped().facts.war.began else found[0]

    shifted = re.sub(r"\b\d{4}-\d{2}-\d{2}\b", moved, text)
    year = (dt.date(2025, 3, 10) + shift).year
    return re.sub(r"\b2025\b", str(year), shifted)


def write_renamed(folder: Path, *, days: int = 0, four: bool = False) -> Conflict:
    """Write the shipped data with other names below a folder, without its ensembles.

    Parameters
    ----------
    days
        By how many days everything is later.
    four
        Whether there are four blocs, of other shares; as many as are shipped if not.
    """
    ids = {**IDS, "germany": "lilliput"} if four else IDS
    for source in shipped().folders:
        for path in sorted(source.rglob("*")):
            target = folder / source.name / path.relative_to(source)
            if path.suffix == ".csv":
                target.parent.mkdir(parents=True, exist_ok=True)
                _write_rows(path, target, ids, days)
            elif path.suffix == ".toml" and _is_kept(path):
                target.parent.mkdir(parents=True, exist_ok=True)
                text = later(renamed(path.read_text(encoding="utf-8")), days)
                if four:
                    text = _without_fifth(text)
                target.write_text(text, encoding="utf-8")
    if four:
        blocs = "".join(
            f'\n[[actor]]\nid = "{name}"\nname = "{title}"\nrole = "bloc"\nsource = "assumed"\n'
            f"capability = {capability}\nsanctions_share = {share}\n"
            for name, (title, capability, share) in BLOCS.items()
        )
        (folder / "calibration/actors.toml").write_text(ACTORS + blocs, encoding="utf-8")
    return Conflict(folder)


def _without_fifth(text: str) -> str:
    """Let the fifth bloc be the second, and take away its row of the parameters."""
    head, *tables = text.split("[[parameter]]")
    kept = [table for table in tables if '"bloc_type.laputa"' not in table]
    return "[[parameter]]".join([head, *kept]).replace('"laputa"', '"lilliput"')


def _is_kept(path: Path) -> bool:
    scenarios = ("history", "baseline", "joint-ultimatum")
    return path.parent.name != "scenarios" or path.stem in scenarios


def _write_rows(path: Path, target: Path, ids: dict[str, str], days: int) -> None:
    """Copy a coded file: ids and days are others, and what was said is left out."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    place = {name: n for n, name in enumerate(header)}
    if path.stem == "occasions":
        _write_occasions(target, header, rows, days)
        return
    seen = set()
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(rows):
            who = place.get("holder", place.get("actor", 0))
            row[who] = ids[row[who]]
            if "paraphrase" in place:
                row[place["paraphrase"]] = f"position {number}"
            else:
                facts = row[place["detail"]].rpartition("; ")[0]
                row[place["detail"]] = f"{renamed(facts)}; event {number}" if facts else "event"
            written = [later(cell, days) for cell in row]
            key = tuple(written[:-1]) if "paraphrase" in place else tuple(written)
            if key not in seen:  # two blocs made one may have said the same
                writer.writerow(written)
            seen.add(key)


def _write_occasions(target: Path, header: list[str], rows: list[list[str]], days: int) -> None:
    """Copy the occasions for a truce: days are others, and words are left out."""
    place = {name: n for n, name in enumerate(header)}
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(rows):
            written = [later(cell, days) for cell in row]
            for name in ("place", "who", "paraphrase", "source"):
                written[place[name]] = f"{name} {number}"
            writer.writerow(written)
