"""What `benchmarks/torture.py` tries: one thing spoiled, one command, and how it ended."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import stat
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from commands import LOUD, PATIENCE, Ended, judged, truce
from mutators import WORDS, renew_hashes, replace_by_other, replace_folder, spoil

SMALL = ("--worlds", "64")
RESULTS: dict[str, tuple[str, ...]] = {
    "run": ("run", "baseline", *SMALL),
    "comparison": ("compare", "baseline", "us-backstop", *SMALL),
    "study": ("sweep", "baseline", "--vary", "aid.level=0:1:3", *SMALL),
    "why": ("why", "baseline", "us-backstop", "--worlds", "256"),
    "world": ("why", "last-run", "--world", "3"),
    "sensitivity": ("sensitivity", "baseline", "--worlds", "256"),
    "watch": ("watch", "baseline", "--worlds", "256"),
    "redteam": ("redteam", "baseline", "--worlds", "256"),
}
"""How a small result of each kind is made."""
NEWS = {
    "articles.csv": "id,title,outlet,day,day_basis\n"
    "005,A monitored truce is offered,The Example,2025-06-03,dateline\n",
    "statements.csv": "article,paragraph,date,holder,issue,position,kind,basis,firmness,salience,"
    "paraphrase\n005,2,2025-06-03,us,truce_terms,0.25,offer,quoted,2,3,Puts forward a full truce\n",
}
"""Files of news that can be added."""


# ------------------------------------------------------------------ where it is tried


class Place:
    """A folder to spoil: data of a conflict, results of each kind, and what is none of ours.

    ``quick`` is whether only commands that take little time are to be given in it.
    """

    def __init__(self, root: Path, *, quick: bool = False) -> None:
        self.root, self.quick = root, quick
        self.data, self.out, self.elsewhere = root / "data", root / "outputs", root / "elsewhere"

    def fill(self, kinds: Sequence[str] = tuple(RESULTS)) -> None:
        """Copy the data, make results of some kinds, write a user's own files beside them."""
        from sim.paths import data_dir

        self.elsewhere.mkdir(parents=True)
        (self.elsewhere / "letter.txt").write_text("Dear minister")
        for kind in ("calibration", "scenarios"):
            shutil.copytree(data_dir(kind), self.data / kind)
        os.chdir(self.root)
        for kind in kinds:
            self._made(*RESULTS[kind], "--out", "outputs")
        self._made("evidence", "new", "2025-06-03", "--title", "A title", "--out", "draft")
        self._made("analysts", "new", "desk", "--out", "desk.toml")
        (self.root / "news").mkdir()
        for name, text in NEWS.items():
            (self.root / "news" / name).write_text(text)

    def _made(self, *words: str) -> None:
        ended = truce(*words, longest=900.0)
        if ended.code or ended.fault:
            sys.exit(f"truce {' '.join(words)}: exit {ended.code}\n{ended.error}\n{ended.fault}")

    def folders(self) -> dict[str, Path]:
        """The folder of each result, by kind."""
        found = {}
        for path in sorted(self.out.rglob("manifest.json")):
            kind = json.loads(path.read_bytes()).get("kind", "run")
            found.setdefault(kind, path.parent)
        return found

    def own(self) -> str:
        """A hash of what is the user's."""
        digest = hashlib.sha256()
        for path in sorted(self.elsewhere.rglob("*")):
            if not path.name.startswith("kept-"):
                digest.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
        return digest.hexdigest()


Signs = dict[str, tuple[int, ...]]


def _signs(root: Path) -> Signs:
    """By path below a folder, what tells that it is as it was: its sort, size and time."""
    found: Signs = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)  # noqa: PTH118
            found[path] = _sign(path)
    return found


def _sign(path: str) -> tuple[int, ...]:
    told = os.lstat(path)
    is_folder = stat.S_ISDIR(told.st_mode)
    return (told.st_mode, *(() if is_folder else (told.st_size, told.st_mtime_ns)))


class Copy:
    """A copy of a full place, in which files may be spoiled; it is mended after each input."""

    def __init__(self, full: Place, root: Path) -> None:
        self.full, self.place = full, Place(root, quick=full.quick)
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(full.root, root)
        self.whole = _signs(root)

    def mend(self) -> None:
        """Put back what was changed, and take away what was added."""
        root, whole = self.place.root, self.whole
        there = _signs(root)
        for path in sorted(there, reverse=True):
            if there[path] != whole.get(path):
                mode = there[path][0]
                shutil.rmtree(path) if stat.S_ISDIR(mode) else Path(path).unlink(missing_ok=True)
        for path in sorted(path for path in whole if there.get(path) != whole[path]):
            source = self.full.root / Path(path).relative_to(root)
            if source.is_dir():
                Path(path).mkdir(exist_ok=True)
            else:
                shutil.copyfile(source, path)
                whole[path] = _sign(path)


# ------------------------------------------------------------------ what is tried

Trial = Callable[[Place, random.Random], tuple[str, str]]


def scenarios(place: Place, luck: random.Random) -> tuple[str, str]:
    """A scenario file, spoiled, is run, checked, shown or compared."""
    path = luck.choice(sorted((place.data / "scenarios").glob("[!h]*.toml")))
    new = place.root / "mine.toml"
    shutil.copyfile(path, new)
    spoil(new, luck)
    ways = (
        ("run", "mine.toml", *SMALL), ("scenarios", "check", "mine.toml"),
        ("scenarios", "show", "mine.toml"), ("run", "mine.toml", *SMALL, "--json"),
        ("compare", "baseline", "mine.toml", *SMALL),
    )  # fmt: skip
    return judged(truce(*luck.choice(ways[:3] if place.quick else ways)))


def data(place: Place, luck: random.Random) -> tuple[str, str]:
    """A file of the calibration or the record, spoiled or replaced, is used by a command."""
    files = [
        path
        for path in sorted(place.data.rglob("*"))
        if path.is_file() and (path.suffix != ".parquet" or luck.random() < 0.2)
    ]
    path = luck.choice(files)
    if luck.random() < 0.08:
        replace_by_other(path, place.elsewhere, luck)
    else:
        spoil(path, luck)
    ways = (
        ("run", "baseline", *SMALL), ("evidence", "check"), ("evidence", "list"), ("levers",),
        ("scenarios", "list"), ("scenarios", "check", "baseline"), ("ledger", "list"),
        ("evidence", "show", "russia", "territory"), ("variants",), ("ledger", "verify"),
        ("run", "us-backstop", *SMALL), ("parameters",), ("doctor",), ("ledger", "score"),
    )  # fmt: skip
    ended = truce("--data", str(place.data), *luck.choice(ways[:10] if place.quick else ways))
    if ended.code == 1 and ended.out.strip() and not ended.fault:  # a check that found something
        ended = ended._replace(code=2, error=ended.error or "told on standard output")
    return judged(ended)


def results(place: Place, luck: random.Random) -> tuple[str, str]:
    """A result's folder, spoiled and with its hashes renewed, is listed, told, made again."""
    found = place.folders()
    kind = luck.choice(sorted(found))
    folder = found[kind]
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    telling = [path for path in files if path.suffix in (".json", ".parquet", ".npz")]
    way = luck.random()
    before = _contents(folder)
    if way < 0.05:
        replace_folder(folder, place.elsewhere, luck)
    elif way < 0.12:
        replace_by_other(luck.choice(files), place.elsewhere, luck)
    else:
        manifest = folder / "manifest.json"
        path = manifest if luck.random() < 0.5 else luck.choice(telling)
        spoil(path, luck)
        if path != manifest and luck.random() < 0.85:
            renew_hashes(folder)
    again = (*RESULTS[kind], "--out", "outputs")
    ways = [
        ("runs",), ("runs", "--json"), ("runs", folder.name), ("replay", str(folder)),
        ("explain", str(folder)), ("run", "baseline", *SMALL, "--json"),
    ]  # fmt: skip
    if not place.quick:
        brief = ("--format", "html", "--out", "b")
        whose = luck.choice((str(folder), "last"))
        ways += [again, ("why", str(folder), "--world", "3"), ("brief", whose, *brief)]
    mine = place.root / "outputs" / folder.relative_to(place.out) / "of the user"
    kept = mine.is_file()
    ended = truce(*luck.choice(ways))
    what, why = judged(ended)
    if kept and not mine.is_file():
        return "wrong", "a file of the user's in the folder is gone"
    if what == "used" and _contents(folder) != before and _made_anew(ended, folder):
        return "healed", ""
    return what, why


def _contents(folder: Path) -> dict[str, bytes]:
    if folder.is_symlink() or not folder.is_dir():
        return {}
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink()
    }


def _made_anew(ended: Ended, folder: Path) -> bool:
    return ended.code == 0 and str(folder.name) in ended.out + ended.error


def titles(place: Place, luck: random.Random) -> tuple[str, str]:
    """A hostile title goes into a run, its briefing and its tables."""
    title = " ".join(luck.choice(WORDS)[:80] for _ in range(3)).strip()
    told = "".join(
        f"\\U{ord(letter):08X}" for letter in title if not 0xD800 <= ord(letter) < 0xE000
    )
    text = (place.data / "scenarios" / "us-backstop.toml").read_text("utf-8")
    text = re.sub(r"(?m)^title = .*$", lambda _: f'title = "{told}"', text)
    (place.root / "mine.toml").write_text(text, "utf-8")
    run = truce("run", "mine.toml", *SMALL, "--out", "outputs")
    what, why = judged(run)
    if what != "used":
        return what, why
    ways = (
        ("brief", "last", "--format", luck.choice(("html", "pdf", "pptx")), "--out", "b"),
        ("runs",), ("replay", "last"), ("scenarios", "show", "mine.toml"), ("runs", "--csv", "-"),
        ("brief", "last", "--format", "html", "--out", "b", "--title", luck.choice(WORDS)),
    )  # fmt: skip
    what, why = judged(truce(*luck.choice(ways)))
    page = place.root / "b" / "brief.html"
    if page.is_file() and "<script>alert" in page.read_text("utf-8"):
        return "wrong", "a title became a script"
    return what, why


def drafts(place: Place, luck: random.Random) -> tuple[str, str]:
    """A draft of news, or an analyst's sheet, spoiled, is checked and added."""
    if luck.random() < 0.6:
        name = luck.choice(("draft", "news", "news"))
        files = sorted(path for path in (place.root / name).rglob("*") if path.is_file())
        path = luck.choice(files)
        way = ("evidence", luck.choice(("check", "add")), name)
    else:
        path = place.root / "desk.toml"
        way = luck.choice((("analysts", "check", "desk.toml"),
                           ("run", "baseline", *SMALL, "--analyst", "desk.toml")))  # fmt: skip
    if luck.random() < 0.08:
        replace_by_other(path, place.elsewhere, luck)
    else:
        spoil(path, luck)
    ended = truce("--data", str(place.data), *way)
    if ended.code == 1 and ended.out.strip() and not ended.fault:
        ended = ended._replace(code=2, error=ended.error or "told on standard output")
    return judged(ended)


def options(place: Place, luck: random.Random) -> tuple[str, str]:
    """A command with options at random, interrupted after a while."""
    import typer

    from sim.cli.root import app

    command: Any = typer.main.get_command(app)
    words = ["--data", str(place.data)]  # a command that writes data must find a copy
    while hasattr(command, "commands"):
        name = luck.choice(sorted(command.commands))
        words.append(name)
        command = command.commands[name]
    pool = (*WORDS[:20], "last", "baseline", "us-backstop", "desk.toml", "draft", "2025-05-20", "1",
            "3", "64", "256", "outputs", "aid.level=0:1:3", "aid.level=1", "html", "1e3", "-0",
            *(str(path) for path in place.folders().values()))  # fmt: skip
    for one in command.params:
        needed = one.required or luck.random() < 0.25
        if not needed or one.name in ("help", "workers", "cluster"):
            continue
        value = luck.choice(pool)
        if one.param_type_name == "argument":
            words += [value] if luck.random() < 0.9 else [value, luck.choice(pool)]
        elif getattr(one, "is_flag", False):
            words.append(one.opts[0])
        else:
            words += [one.opts[0], value]
    words = [word for word in words if "\x00" not in word and "\ud800" not in word]  # no such words
    ended = truce(*words, patience=PATIENCE)
    what, why = judged(ended)
    if ended.code == 1 and not ended.fault and ended.out.strip():
        what, why = "refused", ""
    return what, f"truce {words}\n{why}" if why else ""


TRIALS: dict[str, tuple[Trial, float]] = {
    "scenarios": (scenarios, 0.22),
    "calibration, record, ledger": (data, 0.28),
    "folders of results": (results, 0.28),
    "hostile titles": (titles, 0.05),
    "drafts and sheets": (drafts, 0.09),
    "options at random": (options, 0.08),
}
"""What is tried, and its share of the inputs."""


def tried(
    copy: Copy, seed: int, number: int, *, kind: str = "", loud: bool = False
) -> tuple[str, str, str]:
    """Try one input: what kind it is, what came of it, and why that is wrong if it is.

    Parameters
    ----------
    kind
        A key of `TRIALS`; by luck if empty.
    loud
        Print each command with all that it says.
    """
    LOUD[:] = [loud]
    luck = random.Random(f"{seed}-{number}")
    kind = kind or luck.choices([*TRIALS], [share for _, share in TRIALS.values()])[0]
    place, before = copy.place, Path.cwd()
    os.chdir(place.root)
    own = place.own()
    try:
        what, why = TRIALS[kind][0](place, luck)
    except Exception:
        what, why = "wrong", f"the trial itself failed\n{traceback.format_exc()}"
    finally:
        os.chdir(before)
    if place.own() != own:
        what, why = "wrong", f"a file of the user's was changed\n{why}"
    copy.mend()
    return kind, what, why
