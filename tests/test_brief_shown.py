"""The briefing in a browser and in an office program, where they are installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from helpers.browser import CHROMIUM, chromium
from helpers.command import truce

__all__ = ["chromium"]  # a fixture
pytestmark = pytest.mark.long
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
browser_needed = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
office_needed = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A briefing of a run, a study, and every answer, by the command."""
    out = tmp_path_factory.mktemp("outputs")
    assert truce("run", "us-backstop", "--worlds", 4096, "--out", out).returncode == 0
    sweep = ("sweep", "april-package", "--vary", "offer.territory=0.5:1:3", "--worlds", 200)
    assert truce(*sweep, "--vary", "aid.level=0:1:3", "--out", out).returncode == 0
    run = next(out.glob("us-backstop/*"))
    study = next(out.glob("sweeps/*/*"))
    for words in (
        ("why", "baseline", "us-backstop", "--worlds", 1024),
        ("why", run, "--world", 3),
        ("sensitivity", "us-backstop", "--worlds", 256, "--dice", "--vary", "aid.level=0:1"),
        ("watch", "us-backstop", "--worlds", 1024),
        ("watch", "us-backstop", "baseline", "--worlds", 1024),
        ("redteam", "us-backstop", "--worlds", 256),
    ):
        assert truce(*words, "--out", out).returncode == 0
    answers = ["last-why", "last-world", "last-sensitivity", "last-redteam"]
    answers += sorted(out.glob("watches/*"))
    forms = ("--format", "html,pdf,pptx", "--runs", out, "--out", out / "b")
    done = truce("brief", run, study, *answers, *forms)
    assert done.returncode == 0, done.stderr
    return out / "b"


@browser_needed
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_in_a_browser(pages, chromium, width, colours):
    from axe_playwright_python.sync_playwright import Axe

    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=colours)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((pages / "brief.html").as_uri())
    amiss = [one["id"] for one in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    loaded = page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    page.close()
    assert amiss == []
    assert errors == []
    assert wide <= 0
    assert loaded
    assert all(url.startswith(("file:", "data:")) for url in asked)


@browser_needed
def test_a_table_is_sorted_by_a_click_on_its_heading(pages, chromium):
    page = chromium.new_page()
    page.goto((pages / "brief.html").as_uri())
    rows = "[...document.querySelectorAll('#outcomes tbody tr')].map(r => +r.cells[1].dataset.key)"
    page.click("#outcomes thead th:nth-child(2) button")
    up = page.evaluate(rows)
    page.click("#outcomes thead th:nth-child(2) button")
    down = page.evaluate(rows)
    page.close()
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)


@office_needed
def test_an_office_program_opens_the_slides(pages, tmp_path):
    subprocess.run(
        [OFFICE, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(pages / "brief.pptx")],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    from pptx import Presentation

    slides = len(Presentation(str(pages / "brief.pptx")).slides)
    assert pages_of(tmp_path / "brief.pdf") == slides


def pages_of(path: Path) -> int:
    """How many pages a PDF has, by poppler if it is there."""
    if shutil.which("pdfinfo") is None:
        pytest.skip("poppler is not installed")
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True)
    return int(
        next(line for line in told.stdout.splitlines() if line.startswith("Pages")).split()[1]
    )


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="poppler is not installed")
def test_the_pdf_is_a4_tagged_and_dated_from_the_run(pages):
    told = subprocess.run(["pdfinfo", "-isodates", str(pages / "brief.pdf")], capture_output=True,
                          text=True, check=True).stdout  # fmt: skip
    assert "A4" in told
    assert "Tagged:          yes" in told
    assert "2025-05-20" in told
    images = subprocess.run(["pdfimages", "-list", str(pages / "brief.pdf")], capture_output=True,
                           text=True, check=True).stdout  # fmt: skip
    assert len(images.splitlines()) <= 2  # a heading and a rule: no raster image
