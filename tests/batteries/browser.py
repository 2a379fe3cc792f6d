"""What a headless Chromium makes of a page."""

import html
import html.parser
import json
import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (Debian: apt install chromium)"
)
# A window is never narrower than 500 pixels, so the page is put into a frame;
# what it looks like becomes the title of the page around it.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><title></title>
<iframe style="border: 0; width: {width}px; height: 900px"
  srcdoc="{page}"></iframe>
<script>addEventListener("load", () => {{
  const inner = document.querySelector("iframe").contentDocument;
  const images = [...inner.images].map(i => [i.naturalWidth, i.alt]);
  const width = inner.documentElement.scrollWidth;
  document.title = JSON.stringify({{images, width, title: inner.title}});
}});</script>"""


def look_at(page, folder, *, width):
    """Renders a page.

    Args:
        page: HTML as text.
        folder: Empty one for files.
        width: Of the page, in pixels.

    Returns:
        Dict of `images`, a list of natural width and alternative text; the
        `width` of all that can be scrolled to; the `title`; and `console`, a
        list of what was written there.
    """
    path = folder / "frame.html"
    path.write_text(FRAME.format(width=width, page=html.escape(page)), "utf-8")
    seen = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}",
            "--window-size=1600,1000",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    title = _Title()
    title.feed(seen.stdout)
    console = re.findall(r"CONSOLE[^\n]*", seen.stderr)
    return json.loads(title.text) | {"console": console}


def check(page, folder, *, width, images):
    """Checks that a page is whole and fits.

    Args:
        page: HTML as text.
        folder: Empty one for files.
        width: Of the page, in pixels.
        images: How many it has.
    """
    seen = look_at(page, folder, width=width)
    assert len(seen["images"]) == images
    for natural, alt in seen["images"]:
        assert natural > 0, f"not shown: {alt}"
        assert len(alt) > 10
    # Nothing makes the page itself scroll sideways.
    assert seen["width"] == width
    assert seen["console"] == []


class _Title(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self._inside = "", False

    def handle_starttag(self, tag, attrs):
        self._inside = tag == "title" and not self.text

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        self.text += data if self._inside else ""
