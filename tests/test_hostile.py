"""One hostile scenario through every output: what it says is text to show, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib

import pytest
from helpers.command import truce
from helpers.notebook import shown_as
from helpers.sheets import read_xlsx

import sim

TITLE = (
    "=cmd|' /C calc'!A0 </style></title><script>alert(1)</script><img src=x onerror=alert(1)> "
    '#panic("x") $\\frac$ {{ 7 * 7 }} \u202egnp.exe\u202c \u0420ussia'
)
SCENARIO = f"""schema = "truce/scenario/1"
title = {json.dumps(TITLE)}
question = {json.dumps(TITLE + "?")}
author = {json.dumps("@SUM(A1) " + TITLE)}

[levers]
"aid.level" = 0.5

[[claims]]
text = {json.dumps("assumed: " + TITLE)}
levers = ["aid.level"]
"""
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Where a hostile scenario was run and compared, and its briefings are."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    for words in (
        ("compare", "baseline", "mine.toml", "--worlds", 64),
        ("run", "mine.toml", "--worlds", 64),
        ("brief", "last", "--format", "html,pdf,pptx", "--out", "b", "--marking", TITLE[:100]),
    ):
        done = truce(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("run", "mine.toml", "--worlds", 64),
        ("run", "mine.toml", "--worlds", 64, "--json"),
        ("compare", "baseline", "mine.toml", "--worlds", 64),
        ("runs",),
        ("runs", "--json"),
        ("replay", "last-run", "--world", 1),
        ("scenarios", "show", "mine.toml"),
        ("scenarios", "show", "mine.toml", "--json"),
        ("scenarios", "check", "mine.toml"),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_a_terminal_shows_it_as_it_is_written(out, words):
    done = truce(*words, cwd=out)
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    assert not TURNING.search(told)
    assert not CONTROL.search(told)
    if "--json" in words:
        json.loads(done.stdout)


@pytest.mark.parametrize(
    "words", [("run", "mine.toml", "--worlds", 64), ("runs",), ("scenarios", "show", "mine.toml")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_table_holds_nothing_that_a_spreadsheet_would_run(out, words):
    assert truce(*words, "--csv", "t.csv", "--xlsx", "t.xlsx", cwd=out).returncode == 0
    read_xlsx(out / "t.xlsx")  # refuses formulas
    rows = list(csv.reader(io.StringIO((out / "t.csv").read_text("utf-8"))))
    assert any("script" in cell for row in rows for cell in row) or words[0] != "scenarios"
    for cell in (cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")):
        float(cell)


def test_a_page_is_words_and_our_own_script(out):
    page = (out / "b" / "brief.html").read_text("utf-8")
    assert page.count("<script") == page.count("</style>") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "<img src=x" not in page
    assert "49" not in re.findall(r"<h1[^>]*>(.*?)</h1>", page)[0]
    assert not TURNING.search(page)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy


def test_slides_and_pdf_have_it_as_text_and_lead_nowhere(out):
    with zipfile.ZipFile(out / "b" / "brief.pptx") as parts:
        assert b"&lt;script&gt;alert(1)" in parts.read("ppt/slides/slide1.xml")
        for name in (name for name in parts.namelist() if name.endswith((".xml", ".rels"))):
            assert b'TargetMode="External"' not in parts.read(name), name
            assert not TURNING.search(parts.read(name).decode("utf-8", "replace"))
    data = (out / "b" / "brief.pdf").read_bytes()
    whole = b"".join(map(unpacked, re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S)))
    for action in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/SubmitForm", b"/EmbeddedFile"):
        assert action not in data + whole
    assert b"/GoTo" in data + whole or b"/Dest" in data + whole  # links within are found so


def unpacked(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_a_notebook_and_a_figure_have_it_as_text(out):
    (folder,) = [path.parent for path in out.glob("outputs/mine/*/manifest.json")]
    result = sim.open(folder)
    shown = shown_as(result, "html")
    for text in (shown, (folder / "odds.svg").read_text("utf-8")):
        assert "<script" not in text
        assert "<img" not in text
        assert not TURNING.search(text)
