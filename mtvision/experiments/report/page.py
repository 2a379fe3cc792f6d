"""One HTML page that needs nothing beside itself."""

import pathlib
import re

from mtvision.experiments.report.markup import Markup, join, tag

STYLE = pathlib.Path(__file__).with_name("style.css")
# Whatever slips in, a browser runs no script and asks no network.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(title, lead, sections):
    """Writes a page with a table of contents.

    Args:
        title: Of the page.
        lead: Elements below the title.
        sections: List of `(title, elements)`; one without elements is left
            out.

    Returns:
        HTML as text.

    Example:

    >>> text = page("Study", ["Two trials."], [("Trials", [tag("p", "1 < 2")])])
    >>> '<section id="trials"><h2>Trials</h2><p>1 &lt; 2</p></section>' in text
    True
    """
    sections = [
        (heading, [each for each in elements if each is not None])
        for heading, elements in sections
    ]
    sections = [(heading, each) for heading, each in sections if each]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag(
            "meta",
            name="viewport",
            content="width=device-width, initial-scale=1",
        ),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(STYLE.read_text("utf-8"))),
    )
    links = [
        tag("li", tag("a", heading, href=f"#{anchor(heading)}"))
        for heading, _ in sections
    ]
    body = tag(
        "body",
        tag("header", tag("h1", title), *lead),
        tag("nav", tag("ul", *links), aria_label="Contents"),
        tag("main", *(_section(*each) for each in sections)),
    )
    return join(Markup("<!DOCTYPE html>\n"), tag("html", head, body, lang="en"))


def anchor(heading):
    """The name of a section in a link.

    Example:

    >>> anchor("Weights over time")
    'weights-over-time'
    """
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _section(heading, elements):
    return tag("section", tag("h2", heading), *elements, id=anchor(heading))
