import base64
import io
import re
import xml.etree.ElementTree

import pytest
from PIL import Image

from mtvision.experiments.report.images import grid, picture, plot
from mtvision.plotting.plot_figure import plot_figure


def data_of(text):
    kind, data = re.search(r'data:image/([^;]*);base64,([^"]*)"', text).groups()
    return kind, base64.b64decode(data)


def test_a_figure_becomes_a_drawing():
    figure, axis = plot_figure("epoch", "$loss")
    axis.plot([1, 2])
    text = plot(figure, 'alt "&"', "caption <b>")
    kind, data = data_of(text)
    assert kind == "svg+xml"
    assert xml.etree.ElementTree.fromstring(data).tag.endswith("svg")
    assert 'alt="alt &quot;&amp;&quot;"' in text
    assert "<figcaption>caption &lt;b&gt;</figcaption>" in text


def test_the_same_figure_gives_the_same_page():
    first, second = (plot(plot_figure("a")[0], "a") for _ in range(2))
    assert first == second


def test_a_picture_is_taken_as_it_is(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (7, 5)).save(path)
    kind, data = data_of(picture(path, "seven by five"))
    assert kind == "png"
    assert data == path.read_bytes()
    assert Image.open(io.BytesIO(data)).size == (7, 5)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'none.png' is missing"):
        picture("none.png", "")
    (tmp_path / "a.png").write_text("<svg onload='alert(1)'/>")
    with pytest.raises(ValueError, match="is no PNG file"):
        picture(tmp_path / "a.png", "")


def test_a_grid_of_nothing_is_nothing():
    assert grid(None) is None
