import re

from batteries import browser
from mtvision.experiments.report.markup import Markup, tag
from mtvision.experiments.report.page import anchor, page


def test_the_contents_lead_to_the_sections():
    text = page(
        "a < b",
        [],
        [("One & two", [tag("p", "x")]), ("Empty", [None]), ("3", ["y"])],
    )
    assert "<title>a &lt; b</title>" in text
    links = re.findall(r'href="#([^"]*)"', text)
    assert (
        links
        == re.findall(r'<section id="([^"]*)"', text)
        == [
            "one-two",
            "3",
        ]
    )


def test_the_page_forbids_scripts_and_the_network():
    text = page("a", [], [])
    assert "default-src 'none'" in text or "default-src &#x27;none" in text
    assert not re.search(r"<(script|link|iframe)|https?://|@import|url\(", text)


def test_anchors():
    assert anchor("Weights over time!") == "weights-over-time"


@browser.needs_chromium
def test_a_browser_obeys_the_policy_and_says_so(tmp_path):
    script = "<script>document.title = 'run'</script>"
    wide = '<div style="width: 900px">wide</div>'
    broken = '<img src="data:image/png;base64,AAAA" alt="broken">'
    text = page("a", [Markup(script + wide + broken)], [])
    seen = browser.look_at(text, tmp_path, width=400)
    # What the checks of reports look for is seen here to be seen.
    assert seen["images"] == [[0, "broken"]]
    assert seen["title"] == "a"
    assert seen["width"] > 900
    assert "script" in seen["console"][0]
