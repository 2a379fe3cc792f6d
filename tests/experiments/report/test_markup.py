import html.parser

import hypothesis
import hypothesis.strategies as st

from mtvision.experiments.report.markup import Markup, join, tag


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.text = [], ""

    def handle_starttag(self, name, attributes):
        self.seen.append((name, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def test_text_is_escaped_and_markup_is_kept():
    made = tag("p", "<b>", tag("i", "&"), None, class_="a", aria_label='"')
    expected = '<p class="a" aria-label="&quot;">&lt;b&gt;<i>&amp;</i></p>'
    assert made == expected
    assert isinstance(made, Markup)


def test_elements_without_end():
    assert tag("br") == "<br>"
    assert join("<", tag("br"), None) == "&lt;<br>"


@hypothesis.settings(deadline=None)
@hypothesis.given(st.text(), st.text())
def test_a_reader_finds_what_was_written(text, value):
    reader = Reader()
    reader.feed(tag("p", text, title=value))
    reader.close()
    # One element, whatever the text holds.
    (found,) = reader.seen
    assert found == ("p", {"title": value})
    assert reader.text == text
