"""Briefings: what they say, where each number leads, and three forms with the same bytes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import itertools
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from helpers.briefings import LAST, a_timeline, influences
from helpers.command import truce
from helpers.pages import amiss
from matplotlib.text import Text

import sim
from sim import plots
from sim.brief import briefing
from sim.brief.content import Paragraph, Picture, Table, checked
from sim.brief.cover import Cover
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.method import method
from sim.brief.outcomes import FEW, odds
from sim.brief.pdf import breakable, pdf
from sim.brief.pptx import pptx
from sim.brief.says_who import NUMBERS
from sim.brief.why import five_lines
from sim.brief.words import SCALE, likelihood
from sim.brief.write import check_forms
from sim.checkout import made_with
from sim.commands import timeline_command
from sim.diary import Entry
from sim.errors import SimError, StoreError
from sim.plots.style import DPI, text_width
from sim.read_back import sha256_of

WORLDS = 4096
MARKUP = '<script>alert(1)</script> #panic("x") $\\frac$ *bold* & "quoted" שלום 停戰 \u202eevil'
TITLE = (MARKUP + " long" * 60)[:300]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Two runs, a study and one with a strange title, by the command."""
    folder = tmp_path_factory.mktemp("outputs")
    for name in ("joint-ultimatum", "baseline"):
        done = truce("run", name, "--worlds", WORLDS, "--out", folder)
        assert done.returncode == 0, done.stderr
    sweep = ("sweep", "april-package", "--vary", "offer.territory=0.5:1:3", "--worlds", 200)
    assert truce(*sweep, "--out", folder).returncode == 0
    strange = folder / "strange.toml"
    told = {"title": TITLE, "question": MARKUP}
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())
    strange.write_text(
        f'schema = "truce/scenario/1"\n{text}\nas_of = 2025-05-20\n[levers]\n'
        '"sanctions.us_threat" = 0.9\n',
        encoding="utf-8",
    )
    done = truce("run", strange, "--worlds", 400, "--out", folder)
    assert done.returncode == 0, done.stderr
    command = timeline_command(a_timeline().request)
    dataclasses.replace(a_timeline(), made_by=command).save(folder)
    influences().save(folder)
    return folder


def write(path, document):
    path.write_text(json.dumps(document), encoding="utf-8")


def folder_of(out, name):
    return next(path.parent for path in out.glob(f"*{name}*/*/manifest.json"))


@pytest.fixture(scope="module")
def whole(out):
    """A briefing with all its parts, from a run, a study, a timeline and influences."""
    study = next(path.parent for path in out.glob("sweeps/*/*/manifest.json"))
    names = [folder_of(out, "joint"), study, "last-timeline", "last-influence"]
    material = gather([str(name) for name in names], out)
    told = briefing(material)
    return material, told, {"html": html(told), "pdf": pdf(told), "pptx": pptx(told)}


def blocks(told, kind):
    return [block for part in told.parts for block in part.blocks if isinstance(block, kind)]


# ------------------------------------------------------------------ content


def test_every_part_is_there_in_its_order(whole):
    _, told, _ = whole
    assert [part.name for part in told.parts] == [
        *("answer", "comparison", "odds", "price", "surface", "why", "news", "ignorance"),
        *("says-who", "score", "method"),
    ]
    assert all(part.finding for part in told.parts)


def test_parts_without_input_are_left_out(out):
    material = gather([str(folder_of(out, "baseline"))], out)
    names = [part.name for part in briefing(material).parts]
    assert not {"comparison", "surface", "news"} & set(names)


FIRST_PAGE = (
    *("The question.", "The answer.", "The case.", "How likely.", "How sure.", "At what price."),
    *("What drives it.", "What to watch by 3 June.", "What would change the answer."),
    "What not to believe here.",
)


def test_the_first_page_has_question_answer_figure_price_and_four_lines(whole):
    material, told, _ = whole
    first = told.parts[0]
    said = {p.spans[0].text.strip(): p.text for p in first.paragraphs()}
    assert tuple(said) == FIRST_PAGE
    pictures = [block for block in first.blocks if isinstance(block, Picture)]
    assert [block.name for block in pictures] == ["differences"]
    held = material.results.odds["held"]
    assert f"{100 * held.mean:.0f}\u00a0% of worlds on average" in said["How likely."]
    assert f"by the median member in {100 * held.median_member:.1f}" in said["How likely."]
    assert (
        f"{likelihood(held)} (5 to 20\u00a0%) in the words of the US scale ICD 203"
        in (said["How likely."])
    )
    found = material.comparison.differences["held"][0]
    assert found.verdict == "ahead on average"  # so few worlds cannot rule out 1 member in 20
    assert said["The answer."].startswith(
        "The answer. Set against Baseline, Joint ultimatum raises the odds that a truce holds 30 "
        f"days by {100 * found.mean:.1f} points on average, but raises them in"
    )
    assert "questions about earlier days it scored" in said["How sure."]
    assert "how far threats work" in said["What not to believe here."].lower()


def test_words_of_likelihood_and_of_confidence_never_share_a_sentence(whole):
    _, told, _ = whole
    for part in told.parts[:-1]:
        for paragraph in part.paragraphs():
            for sentence in re.split(r"(?<=\.) ", paragraph.text):
                likely = any(word in sentence for _, word in SCALE)
                assert not (likely and "onfidence" in sentence)


def test_one_page_is_one_page_in_each_form(whole):
    material, _, _ = whole
    cover = Cover("Will it hold?", "For the table", "the cabinet", one_page=True)
    told = briefing(dataclasses.replace(material, cover=cover))
    assert (told.title, [part.name for part in told.parts]) == ("For the table", ["answer"])
    assert told.subtitle.startswith("For the cabinet · As of 20 May 2025, 120 days ahead")
    assert told.parts[0].paragraphs()[0].text == "The question. Will it hold?"
    assert page(html(told)).tags.count("section") == 2  # the page, and the words that it explains
    assert pages_of(pdf(told)) == 1
    assert slides_of(pptx(told)) == 1


def pages_of(contents):
    return len(re.findall(rb"/Type\s*/Page\b", contents))


def slides_of(contents):
    from pptx import Presentation

    return len(Presentation(io.BytesIO(contents)).slides)


def test_a_run_with_one_comparison_is_six_pages_and_eight_slides_each_thing_once(out):
    told = briefing(gather([str(folder_of(out, "joint"))], out))
    assert pages_of(pdf(told)) <= 6
    assert slides_of(pptx(told)) <= 8
    names = [block.name for block in blocks(told, (Picture, Table))]
    assert len(names) == len(set(names))
    findings = [block.finding for block in blocks(told, Picture)]
    assert len(findings) == len(set(findings))


def test_every_link_leads_somewhere_and_no_place_is_there_twice(whole):
    _, told, _ = whole
    places = [part.name for part in told.parts]
    places += [block.name for block in blocks(told, (Picture, Table))]
    places += [name for block in blocks(told, Table) for name in block.anchors if name]
    assert len(places) == len(set(places))
    to = [span.to for block in blocks(told, Paragraph) for span in block.spans]
    to += [cell.to for block in blocks(told, Table) for row in block.rows for cell in row]
    assert {name for name in to if name} <= set(places)
    assert any(to)


def test_each_assumption_leads_to_its_source_and_what_is_assumed_is_flagged(whole):
    material, told, _ = whole
    table = next(block for block in blocks(told, Table) if block.name == "assumptions")
    reasons = material.explanation.reasons
    assert len(table.rows) == NUMBERS + 1  # the base rate is the last
    for row, reason in zip(table.rows[:-1], reasons, strict=False):
        assert row[2].text == reason.source.standing
        assert row[2].flag == reason.source.standing.endswith("assumed")
        assert row[3].text.startswith(reason.source.text)
    assert table.anchors[-1] == "base-rate"


def test_each_article_is_named_so_that_it_can_be_found(whole):
    _, told, _ = whole
    tables = {table.name: table for table in blocks(told, Table)}
    where = [row[4].text for row in tables["settings"].rows]
    assert all(re.search(r"\d{4}[^,]*, paragraphs? \d", text) for text in where), where
    assert any("; it cites" in text for text in where)


def test_a_world_is_told_in_five_lines_at_most(whole):
    material, told, _ = whole
    part = next(part for part in told.parts if part.name == "why")
    lines = [p.text for p in part.paragraphs() if p.kind == "point"]
    assert 2 <= len(lines) <= 5
    assert [int(re.match(r"Day (\d+)", line)[1]) for line in lines] == sorted(
        int(re.match(r"Day (\d+)", line)[1]) for line in lines
    )
    assert lines[-1].startswith(f"Day {material.diary.days} ")
    assert all(re.match(r"Day \d+ \(\d+ [A-Z][a-z]+\): ", line) for line in lines)


def test_a_mediator_that_left_is_told_with_its_day_and_a_deferred_issue_as_one(whole):
    diary = whole[0].diary
    day, end = diary.entries[0].date, diary.entries[-1]
    answer = {"actor": "ukraine", "answer": "no", "odds": {"yes": 0.35}}
    entries = (
        Entry(16, day, "mediator_leaves", "Washington leaves the talks."),
        Entry(30, day, "round", "Talks.", {"package": {"territory": "deferred", "nato": 0.5}}),
        Entry(30, day, "answer", "No.", {**answer, "blocked_issue": "territory"}),
        Entry(30, day, "answer", "No.", {**answer, "blocked_issue": "nato"}),
        dataclasses.replace(end, day=120),
    )
    gone = dataclasses.replace(diary, entries=entries, outcome="walked_away", days=120)
    *_, talks, last = five_lines(gone)
    assert "no (on territory, for what a later settlement would bring); the odds" in talks
    assert "no (on nato); the odds" in talks
    assert last.endswith("the end, no full truce; the mediator left on day 16.")
    words = [text.get_text() for text in plots.strip(gone).findobj(Text)]
    assert "day 120: no full truce; the mediator left on day 16" in words


@pytest.mark.parametrize("as_committed", [True, False, None])
def test_inputs_that_are_not_as_committed_are_said_to_differ(whole, as_committed, monkeypatch):
    made = {**made_with(), "inputs_as_committed": as_committed}
    monkeypatch.setattr("sim.brief.method.made_with", lambda: made)
    part = method(whole[0])
    (facts, *_) = [block for block in part.blocks if isinstance(block, Table)]
    source = next(row[1].text for row in facts.rows if row[0].text == "Source")
    (command,) = [p.spans[0].text for p in part.paragraphs() if p.kind == "command"]
    said = "the program, the evidence or the record differs from what is committed"
    assert (said in source, said in command) == (as_committed is False,) * 2


def test_a_world_over_new_year_is_told_with_years(whole):
    material, _, _ = whole
    diary = material.diary
    end = diary.entries[-1].date
    late = dt.date(2032, 1, 1) - end
    entries = [dataclasses.replace(one, date=one.date + late) for one in diary.entries]
    scenario = dataclasses.replace(diary.scenario, as_of=diary.scenario.as_of + late)
    lines = five_lines(dataclasses.replace(diary, entries=tuple(entries), scenario=scenario))
    assert "(1 January 2032): the end" in lines[-1]
    assert all(re.match(r"Day \d+ \(\d+ [A-Z][a-z]+ 203[12]\): ", line) for line in lines)


def test_the_command_that_rebuilds_it_makes_each_input_and_names_it(whole):
    material, told, _ = whole
    (command,) = [p.spans[1].text for p in blocks(told, Paragraph) if p.kind == "command"]
    *made, brief = command.split(" && ")
    assert [line.split(" --")[0] for line in made[:3]] == [
        *("truce run joint-ultimatum", "truce sweep april-package", "truce timeline")
    ]
    assert made[3].startswith("python -c 'import datetime, sim; sim.influence(")  # made in Python
    ids = [material.results.id, material.studies[0].id, a_timeline().id, influences().id]
    assert brief == f"truce brief {' '.join(ids)} --format html,pdf,pptx"


def test_a_comparison_is_rebuilt_by_its_own_command(tmp_path):
    names = ("baseline", "walk-away")
    assert truce("compare", *names, "--worlds", 300, "--out", tmp_path).returncode == 0
    (folder,) = tmp_path.glob("comparisons/*")
    material = gather([str(folder), str(folder)], tmp_path)
    assert material.given == (folder.name.rsplit("-", 1)[-1],)
    (command,) = material.commands
    assert command.startswith("truce compare baseline walk-away --as-of 2025-05-20 --worlds 300")
    assert material.comparison.as_dict() == sim.open(folder).as_dict()
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    write(folder / "summary.json", {"schema": told["schema"], "id": told["id"]})
    assert "is damaged" in fault(folder, tmp_path)


def test_a_comparison_to_a_precision_is_briefed_though_no_world_was_kept(tmp_path):
    found = sim.compare(["baseline", "joint-ultimatum"], precision=0.02, seed=2)
    folder = found.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["comparisons"]
    material = gather([folder], tmp_path)
    assert material.comparison.worlds == found.worlds
    assert material.results.scenario.name == "joint-ultimatum"
    assert material.explanation.run_id == found.results[1].run_id
    page = html(briefing(material)).decode()
    assert f"truce replay {found.results[1].run_id} --world {material.diary.world}" in page


def test_few_worlds_are_counted_among_those_that_agreed():
    results = sim.run("baseline", worlds=50, seed=1)
    told = odds(SimpleNamespace(results=results, comparison=None))
    (outcomes,) = [block for block in told.blocks if isinstance(block, Table)]
    held = round(50 * results.odds["held"].mean)
    agreed = round(50 * results.agreed.mean)
    assert 0 < held < agreed < FEW
    assert outcomes.rows[-1][1].text == f"{held} of {agreed}"
    soon = next(block for block in told.blocks if block.name == "incidence").finding
    assert soon.startswith(f"In the {agreed} worlds where a truce is agreed, it comes on day")
    assert soon.endswith("too few to say more.")


def test_the_news_are_said_to_be_of_the_baseline(whole):
    _, told, _ = whole
    part = next(part for part in told.parts if part.name == "news")
    assert part.paragraphs()[0].text.startswith("These are odds of the baseline, 90 days ahead")


def test_a_study_alone_leads_with_its_own_question_and_its_finding(out):
    study = next(path.parent for path in out.glob("sweeps/*/*/manifest.json"))
    told = briefing(gather([str(study)], out))
    first = told.parts[0]
    said = {p.spans[0].text.strip(): p.text for p in first.paragraphs()}
    assert "move with the setting of" in said["The question."]
    assert "offer.territory" in told.title
    (figure,) = [block for block in first.blocks if isinstance(block, Picture)]
    assert figure.name == "surface-0"
    table = next(block for block in blocks(told, Table) if block.name == "points-0")
    assert [row[0].text for row in table.rows][:2] == ["Best", "As the scenario stands"]
    turns = next(part for part in told.parts if part.name == "surface").paragraphs()[0].text
    held = sim.open(study).table()["held"]
    low, high = max(itertools.pairwise(held), key=lambda pair: abs(pair[1] - pair[0]))
    assert f"from {100 * low:.0f}\u00a0% to {100 * high:.0f}\u00a0%" in turns


def test_links_to_nowhere_are_dropped_and_control_characters_shown(whole):
    _, told, _ = whole
    table = dataclasses.replace(
        blocks(told, Table)[0],
        rows=(
            (dataclasses.replace(blocks(told, Table)[0].rows[0][0], to="nowhere", text="a\x07"),),
        ),
    )
    part = dataclasses.replace(told.parts[0], blocks=(table,))
    (row,) = checked(dataclasses.replace(told, parts=(part,))).parts[0].blocks[0].rows
    assert (row[0].to, row[0].text) == ("", "a\\x07")


# ------------------------------------------------------------------ forms


class Page(HTMLParser):
    """What a page loads, and what it shows."""

    def __init__(self):
        super().__init__()
        self.loads, self.images, self.words, self.tags = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        told = dict(attrs)
        if tag == "img":
            self.images.append(told)
        for name in ("src", "srcset", "poster", "data"):
            if name in told:
                self.loads.append(told[name])
        if tag == "link":
            self.loads.append(told.get("href"))

    def handle_data(self, data):
        self.words.append(data)


def page(contents):
    told = Page()
    told.feed(contents.decode())
    return told


def test_the_page_asks_for_nothing_and_describes_its_pictures(whole):
    _, told, forms = whole
    there = page(forms["html"])
    assert there.loads
    assert all(load.startswith("data:image/svg+xml;base64,") for load in there.loads)
    assert len(there.images) == len(blocks(told, Picture))
    assert all(len(image["alt"]) > 20 for image in there.images)
    assert not re.search(rb"@import|url\(|fetch\(|XMLHttpRequest", forms["html"])
    assert amiss(forms["html"].decode()) == []


def test_all_that_is_said_is_in_each_form(whole):
    _, told, forms = whole
    words = "".join(page(forms["html"]).words)
    deck = "\n".join(deck_texts(forms["pptx"]))
    for part in told.parts:
        assert part.heading in words
        for paragraph in part.paragraphs():
            assert all(span.text in words for span in paragraph.spans)
            assert paragraph.text in deck


def deck_texts(contents):
    from pptx import Presentation

    for slide in Presentation(io.BytesIO(contents)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text.replace("•  ", "")
        yield slide.notes_slide.notes_text_frame.text


def test_each_slide_has_a_sentence_for_a_title_and_sources_in_its_notes(whole):
    from pptx import Presentation

    _, told, forms = whole
    deck = Presentation(io.BytesIO(forms["pptx"]))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=1e-3)
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert all(len(title.split()) >= 4 for title in titles)
    assert all(slide.notes_slide.notes_text_frame.text.strip() for slide in deck.slides)
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) == len(blocks(told, Picture))
    assert all(shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures)
    tables = [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert len(tables) == len([block for block in blocks(told, Table) if block.slide])
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_table:
                in_whole_words(shape.table)
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def in_whole_words(table):
    """No word of a slide's table is wider than its column."""
    for cells in table.rows:
        for cell, column in zip(cells.cells, table.columns, strict=True):
            run = cell.text_frame.paragraphs[0].runs
            for word in cell.text.split():
                assert text_width(word, run[0].font.size.pt) / DPI <= column.width.inches - 0.12


def test_the_same_content_gives_the_same_bytes(whole):
    _, told, forms = whole
    assert html(told) == forms["html"]
    assert pdf(told) == forms["pdf"]
    assert pptx(told) == forms["pptx"]
    with zipfile.ZipFile(io.BytesIO(forms["pptx"])) as deck:
        assert {entry.date_time for entry in deck.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert forms["pdf"].startswith(b"%PDF")
    assert b"D:20250520" in forms["pdf"]


def test_a_title_of_any_kind_is_words_in_each_form(out):
    material = gather([str(folder_of(out, "strange"))], out)
    told = briefing(material)
    assert material.explanation is None
    there = page(html(told))
    assert there.tags.count("script") == 1
    shown = "".join(there.words)
    assert "<script>alert(1)</script>" in shown
    assert "\u202e" not in shown
    assert "\\u202eevil" in shown
    assert pdf(told).startswith(b"%PDF")
    assert breakable("a" * 41) == "a" * 40 + "\u200ba"
    assert all(len(part.finding) < 300 for part in told.parts)
    assert any("<script>" in text for text in deck_texts(pptx(told)))


# ------------------------------------------------------------------ faults


def test_who_says_so_travels_with_the_run(out, tmp_path):
    scenario = tmp_path / "mine.toml"
    claim = '\n[[claims]]\ntext = "assumed: for a test"\nlevers = ["sanctions.us_threat"]\n'
    text = (out / "strange.toml").read_text(encoding="utf-8") + "'aid.level' = 0.5\n" + claim
    scenario.write_text(text, encoding="utf-8")
    assert truce("run", scenario, "--worlds", 60, "--out", tmp_path).returncode == 0
    scenario.unlink()
    tables = blocks(briefing(gather([str(folder_of(tmp_path, "mine"))], tmp_path)), Table)
    (settings,) = [table for table in tables if table.name == "settings"]
    told = {row[0].text.partition(":")[0]: row[3] for row in settings.rows}
    assert told["sanctions.us_threat"].text == "assumed: for a test"
    assert told["aid.level"].text == "assumed: set for this run alone"
    assert all(cell.flag for cell in told.values())


def copied(out, name, tmp_path):
    source = folder_of(out, name)
    return shutil.copytree(source, tmp_path / source.name)


def fault(folder, out):
    with pytest.raises(SimError) as caught:
        gather([str(folder)], out)
    return str(caught.value)


def test_a_damaged_run_is_refused(out, tmp_path):
    folder = copied(out, "baseline", tmp_path)
    with (folder / "worlds.parquet").open("r+b") as file:
        file.seek(400)
        file.write(b"damage")
    assert "is damaged or unfinished" in fault(folder, out)


def test_a_run_without_its_end_and_an_empty_folder_are_refused(out, tmp_path):
    folder = copied(out, "baseline", tmp_path)
    (folder / "manifest.json").unlink()
    assert "there is none of that id, and no such folder" in fault(folder, out)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "there is none of that id, and no such folder" in fault(empty, out)


def test_a_run_of_another_version_is_refused(out, tmp_path):
    folder = copied(out, "baseline", tmp_path)
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write(folder / "manifest.json", {**told, "source": "0" * 64})
    assert "made by another version of the model" in fault(folder, out)
    write(folder / "manifest.json", {**told, "schema": "truce/manifest/9"})
    assert "that this version reads" in fault(folder, out)


def test_runs_that_cannot_be_paired_are_refused(out, tmp_path):
    done = truce("run", "baseline", "--worlds", 300, "--out", tmp_path)
    assert done.returncode == 0
    names = [str(folder_of(out, "joint")), str(folder_of(tmp_path, "baseline"))]
    with pytest.raises(StoreError, match="has worlds 300, but"):
        gather(names, out)


def changed(folder, **fields):
    """Change the document of a timeline, its hash with it."""
    document = json.loads((folder / "timeline.json").read_text(encoding="utf-8"))
    write(folder / "timeline.json", {**document, **fields})
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    hashes = {**manifest["sha256"], "timeline.json": sha256_of(folder / "timeline.json")}
    write(folder / "manifest.json", {**manifest, "sha256": hashes})


def test_a_stale_or_damaged_timeline_is_refused(out, tmp_path):
    folder = a_timeline().save(tmp_path)
    days = a_timeline().as_dict()["days"]
    changed(folder, inputs={"priors": "other"})
    assert "other evidence, priors or rules" in fault(folder, out)
    changed(folder, inputs=a_timeline().inputs, days=[])
    assert "is damaged" in fault(folder, out)
    for wrong in ("x", float("nan"), 1.5):
        strange = json.loads(json.dumps(days))
        strange[0]["odds"]["held"]["mean"] = wrong
        changed(folder, days=strange)
        assert "is damaged" in fault(folder, out)


def test_a_timeline_that_ends_too_early_is_refused(out):
    run = str(folder_of(out, "baseline"))
    early = dataclasses.replace(a_timeline(), points=a_timeline().points[:-1])
    early = dataclasses.replace(early, made_by=timeline_command(early.request))
    with pytest.raises(StoreError, match=f"--as-of {LAST}"):
        gather([run, early], out)


def test_a_study_with_failed_points_says_so_on_the_first_page(out, tmp_path):
    source = next(path.parent for path in out.glob("sweeps/*/*/manifest.json"))
    material = gather([str(source)], out)
    study = material.studies[0]
    note = "1 of 3 points failed (a reason)"
    failed = {**study.summary, "failed": 1, "notes": [note]}
    broken = dataclasses.replace(study, summary=failed)
    told = briefing(dataclasses.replace(material, studies=(broken,)))
    first = told.parts[0].paragraphs()[0]
    assert first.kind == "warning"
    assert note in first.text


def test_the_command_writes_all_forms_and_nothing_if_one_cannot_be(out, tmp_path):
    run = folder_of(out, "baseline")
    words = ("brief", run, "--format", "html,pptx", "--out", tmp_path / "b", "--runs", out)
    done = truce(*words, "--json")
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "b").iterdir())
    assert [path.name for path in files] == ["brief.html", "brief.pptx"]
    assert json.loads(done.stdout)["files"] == [str(path) for path in files]
    before = (tmp_path / "b" / "brief.html").read_bytes()
    (tmp_path / "b" / "brief.html").write_bytes(b"old")
    (tmp_path / "b" / "brief.pptx").chmod(0o444)
    done = truce(*words)
    assert done.returncode == 2
    assert "read-only" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "b" / "brief.html").read_bytes() == b"old"
    assert len(list((tmp_path / "b").iterdir())) == 2
    (tmp_path / "b" / "brief.pptx").chmod(0o644)
    sim.brief(sim.open(run), out=tmp_path / "c")
    assert (tmp_path / "c" / "brief.html").read_bytes() == before


def test_a_wrong_form_and_a_missing_package_are_told_before_any_work(monkeypatch):
    with pytest.raises(SimError, match="'docx' is none"):
        check_forms("html,docx")
    assert check_forms("pdf, HTML,pdf") == ["pdf", "html"]
    monkeypatch.setattr("sim.brief.write.find_spec", lambda name: None)
    with pytest.raises(SimError, match=r"pip install 'truce-sim\[brief\]'"):
        check_forms("pdf")


def test_a_run_to_a_precision_is_set_against_the_baseline_too(tmp_path):
    ran = ("run", "baseline+front.momentum_shift=1", "--precision", 0.03, "--out", tmp_path)
    assert truce(*ran).returncode == 0
    text = html(briefing(gather(["last"], tmp_path))).decode()
    text = re.sub("<[^>]*>", "", text)
    assert re.search(r"Set against Baseline, Baseline with \S+=1 lowers the odds", text)


def test_a_beginning_of_several_ids_names_none(out):
    ids = [json.loads(path.read_text("utf-8"))["run_id"] for path in out.rglob("manifest.json")]
    for first in {name[0] for name in ids}:
        fitting = [name for name in ids if name.startswith(first)]
        if len(fitting) > 1:
            with pytest.raises(StoreError, match="fits several"):
                gather([first], out)
