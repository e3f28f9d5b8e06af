"""Ways to spoil a file, for `benchmarks/torture.py`: bytes, lines, JSON, tables, and its place."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

MARKS = "\u202e\u2066\u200f\u061c"
WORDS = (
    "", " ", "x" * 300, "x" * 70_000, "../../elsewhere", "/dev/zero", "/etc/passwd", "a/b", ".",
    "nan", "inf", "-1", "0", "1e999", "9" * 40, "=1+1", "{{ 7 * 7 }}", "$(touch elsewhere/x)",
    "<script>alert(1)</script>", '#panic("x")', "\x1b[31mred", "two\nlines", "nul\x00within",
    f"turned {MARKS} round", "\u0410\u0430d", "\ud800", "2025-02-30", "0001-01-01", "9999-12-31",
)  # fmt: skip
"""Texts that some program, somewhere, has taken for something else."""
NUMBERS = (-1, 0, 1, 2**31, 2**63, 10**40, -(10**40), 0.5, -0.0, 1e308, 5e-324, 1e-9, 0.1 + 0.2)
VALUES: tuple[Any, ...] = (
    *WORDS, *NUMBERS, None, True, False, [], {}, [[]], [None], {"": None}, float("nan"),
    float("inf"), ["x"] * 50, {"x": {"x": {"x": []}}},
)  # fmt: skip


def deep(levels: int = 5_000) -> str:
    """Return JSON that is nested too deeply to be read."""
    return "[" * levels + "]" * levels


# ------------------------------------------------------------------ text


def spoil_text(data: bytes, luck: random.Random) -> bytes:
    """Return a text file with one thing changed, or several."""
    for _ in range(luck.choice((1, 1, 1, 2, 5))):
        data = luck.choice(TEXT)(data, luck)
    return data


def _lines(change: Callable[[list[bytes], int, random.Random], None]) -> Any:
    def changed(data: bytes, luck: random.Random) -> bytes:
        lines = data.splitlines(keepends=True) or [b""]
        change(lines, luck.randrange(len(lines)), luck)
        return b"".join(lines)

    return changed


def _swap(lines: list[bytes], place: int, luck: random.Random) -> None:
    other = luck.randrange(len(lines))
    lines[place], lines[other] = lines[other], lines[place]


def _number(data: bytes, luck: random.Random) -> bytes:
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data))
    if not found:
        return data
    one = luck.choice(found)
    new = str(luck.choice((*NUMBERS, "nan", "-inf", "''", "1_0"))).encode()
    return data[: one.start()] + new + data[one.end() :]


def _quoted(data: bytes, luck: random.Random) -> bytes:
    found = list(re.finditer(rb'"[^"\n]*"', data))
    if not found:
        return data
    one = luck.choice(found)
    new = json.dumps(luck.choice(WORDS), ensure_ascii=luck.random() < 0.5)
    return data[: one.start()] + new.encode("utf-8", "surrogatepass") + data[one.end() :]


def _cell(data: bytes, luck: random.Random) -> bytes:
    """Change what stands between two commas."""
    places = [found.start() for found in re.finditer(rb"[,\n]", data)]
    if len(places) < 2:
        return data
    first = luck.randrange(len(places) - 1)
    new = luck.choice(WORDS).encode("utf-8", "surrogatepass")
    return data[: places[first] + 1] + new + data[places[first + 1] :]


def _word(data: bytes, luck: random.Random) -> bytes:
    """Misspell a word: a key, a name, an id."""
    found = list(re.finditer(rb"[a-z_]{3,}", data))
    if not found:
        return data
    place = luck.choice(found).start() + luck.randrange(3)
    return data[:place] + luck.choice((b"", b"q", b"\xd0\xb0", b" ", b"-")) + data[place + 1 :]


def _slice(data: bytes, luck: random.Random) -> bytes:
    one, other = sorted(luck.randrange(len(data) + 1) for _ in range(2))
    return data[:one] + data[min(other, one + luck.choice((1, 20, 10**9))) :]


def _insert(data: bytes, luck: random.Random) -> bytes:
    place = luck.randrange(len(data) + 1)
    odd = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"\x1b[2J", MARKS.encode(), b'"', b"[", b"\n")
    return data[:place] + luck.choice(odd) + data[place:]


def _reversed(data: bytes) -> bytes:
    return b"".join(reversed(data.splitlines(keepends=True)))


TEXT: tuple[Any, ...] = (
    _lines(lambda lines, place, luck: lines.pop(place)),
    _lines(lambda lines, place, luck: lines.insert(place, lines[place])),
    _lines(_swap), _number, _number, _quoted, _quoted, _cell, _word, _word, _slice, _insert,
    lambda data, luck: b"",
    lambda data, luck: data[: luck.randrange(len(data) + 1)],
    lambda data, luck: data.partition(b"\n")[0] + b"\n",
    lambda data, luck: data + data,
    lambda data, luck: _reversed(data),
    lambda data, luck: data.decode("utf-8", "replace").encode("utf-16"),
    lambda data, luck: b"\xef\xbb\xbf" + data,
    lambda data, luck: data.replace(b"\n", b"\r\n"),
    lambda data, luck: luck.randbytes(luck.choice((1, 100, 10_000))),
    lambda data, luck: data + b" " * 8_000_000,
)  # fmt: skip


# ------------------------------------------------------------------ JSON


def spoil_json(document: Any, luck: random.Random) -> Any:
    """Return a JSON document with one thing changed, or several."""
    if luck.random() < 0.03:
        return luck.choice(({}, [], None, "x", 1))
    for _ in range(luck.choice((1, 1, 1, 1, 3))):
        places = list(_places(document))
        if not places:
            return document
        # Near the root stands what decides; what lies deep is of the most kinds: both in turn.
        top = [one for one in places if one[0] is document] if luck.random() < 0.5 else places
        node, key = luck.choice(top)
        way = luck.random()
        if way < 0.25:
            del node[key]
        elif way < 0.9 or isinstance(node, list):
            node[key] = luck.choice(VALUES)
        else:
            node[luck.choice((*WORDS[:8], "another"))] = node.pop(key)
    return document


def _places(node: Any) -> Any:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


def json_text(document: Any, luck: random.Random) -> bytes:
    """Write a document, now and then so that no reader should take it."""
    text = json.dumps(document, ensure_ascii=luck.random() < 0.5)
    if luck.random() < 0.02:
        text = luck.choice((deep(), text[: len(text) // 2], text + "x", ""))
    return text.encode("utf-8", "surrogatepass")


# ------------------------------------------------------------------ tables and arrays


def spoil_parquet(data: bytes, luck: random.Random) -> bytes:
    """Return a table with a column less, another name or another type, or with other rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data))
    place = luck.randrange(table.num_columns)
    name = table.column_names[place]
    way = luck.randrange(8)
    if way == 0:
        table = table.remove_column(place)
    elif way == 1:
        table = table.rename_columns([*table.column_names[:place], luck.choice(WORDS[:8]),
                                      *table.column_names[place + 1 :]])  # fmt: skip
    elif way == 2:
        table = table.set_column(place, name, pa.array([luck.choice(WORDS[:20])] * len(table)))
    elif way == 3:
        table = table.set_column(place, name, pa.nulls(len(table)))
    elif way == 4:
        table = table.slice(0, luck.choice((0, 1)))
    elif way == 5:
        value = luck.choice((-1, 2**31 - 1, 127, -128))
        table = table.set_column(place, name, pa.array([value] * len(table)))
    elif way == 6:
        table = table.set_column(place, name, pa.array([luck.choice((np.nan, 1e300))] * len(table)))
    else:
        table = table.replace_schema_metadata({"truce": luck.choice(("{}", "x", deep()))})
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def spoil_arrays(data: bytes, luck: random.Random) -> bytes:
    """Return an archive of arrays with one left out, reshaped or of another type."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    name = luck.choice(sorted(arrays))
    way = luck.randrange(5)
    if way == 0:
        del arrays[name]
    elif way == 1:
        arrays[name] = arrays[name].ravel()[:1]
    elif way == 2:
        arrays[name] = np.array(["x"])
    elif way == 3:
        arrays[name] = np.full_like(arrays[name], -1)
    else:
        arrays[name] = np.array([None, {}], dtype=object)  # a pickle: never to be loaded
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def spoil_bytes(data: bytes, luck: random.Random) -> bytes:
    """Return a file cut off, with bytes changed, or rubbish."""
    way = luck.randrange(4)
    if way == 0 or not data:
        return data[: luck.randrange(len(data) + 1)]
    if way == 1:
        return luck.randbytes(luck.choice((1, 50, 5000)))
    changed = bytearray(data)
    for _ in range(luck.choice((1, 10, 200))):
        changed[luck.randrange(len(changed))] = luck.randrange(256)
    return bytes(changed)


def spoil(path: Path, luck: random.Random) -> None:
    """Spoil what a file holds, by its kind."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        new = luck.choice((spoil_parquet, spoil_parquet, spoil_bytes))(data, luck)
    elif path.suffix == ".npz":
        new = luck.choice((spoil_arrays, spoil_arrays, spoil_bytes))(data, luck)
    elif path.suffix == ".json" and luck.random() < 0.85:
        new = json_text(spoil_json(json.loads(data), luck), luck)
    elif path.suffix == ".jsonl" and luck.random() < 0.7:
        lines = data.splitlines(keepends=True)
        place = luck.randrange(len(lines))
        lines[place] = json_text(spoil_json(json.loads(lines[place]), luck), luck) + b"\n"
        new = b"".join(lines)
    else:
        new = spoil_text(data, luck)
    path.write_bytes(new)


def replace_by_other(path: Path, elsewhere: Path, luck: random.Random) -> None:
    """Put something else in the place of a file: nothing, a folder, a pipe, a link."""
    way = luck.randrange(6)
    kept = path.read_bytes()
    path.unlink()
    if way == 1:
        path.mkdir()
    elif way == 2 and hasattr(os, "mkfifo"):
        os.mkfifo(path)
    elif way == 3:
        path.symlink_to(elsewhere / "letter.txt")
    elif way == 4:
        path.symlink_to("/dev/zero" if luck.random() < 0.5 else "nowhere")
    elif way == 5:
        target = elsewhere / f"kept-{path.name}"
        if not target.exists():
            target.write_bytes(kept)
        path.symlink_to(target)


def replace_folder(folder: Path, elsewhere: Path, luck: random.Random) -> None:
    """Put a link, a plain file, or a folder with foreign files in the place of a folder."""
    way = luck.randrange(4)
    if way == 0:
        (folder / "of the user").write_text("mine")
        return
    shutil.rmtree(folder)
    if way == 1:
        folder.symlink_to(elsewhere)
    elif way == 2:
        folder.write_text("a plain file of the user", encoding="utf-8")
    else:
        folder.mkdir()
        (folder / "of the user").write_text("mine")


def renew_hashes(folder: Path) -> None:
    """Let a manifest vouch for the files as they now are, as a forger would."""
    try:
        document = json.loads((folder / "manifest.json").read_bytes())
        hashes = document["sha256"]
        for name in hashes:
            if (folder / name).is_file() and not (folder / name).is_symlink():
                hashes[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(document, indent=2))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return
