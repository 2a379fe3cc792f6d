"""The documentation site: what its pages are made of, and the whole."""

import base64
import html
import importlib
import json
import os
import pathlib
import posixpath
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture
def hook(monkeypatch):
    """Imports a module of docs/hooks."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "hooks"))
    return importlib.import_module


def test_sections_of_a_docstring_become_lists_and_code(hook):
    """Each argument is a definition; a broken line stays in its item."""
    text = hook("docstring_sections").docstring_markdown(
        "Does it.\n\nArgs:\n    a, b: Tensor (B, 4): boxes,\n"
        "        in pixels.\n    **options: More.\n\nReturns:\n"
        "    Dict: `a` and `b`.\n\nExample:\n\n>>> 1 + 1\n2\n\n>>> 3\n3\n\n"
        "Reference:\n    Somebody, 2017.\n\nThe end."
    )
    assert text == (
        "Does it.\n\n**Arguments**{ .part }\n\n`a, b`\n:   Tensor (B, 4): "
        "boxes,\n    in pixels.\n\n`**options`\n:   More.\n\n"
        "**Returns**{ .part }\n\nDict: `a` and `b`.\n\n**Example**{ .part }"
        "\n\n```pycon\n>>> 1 + 1\n2\n\n>>> 3\n3\n```\n\n"
        "**Reference**{ .part }\n\nSomebody, 2017.\n\nThe end."
    )


def test_a_signature_breaks_where_it_is_long(hook):
    def short(a, /, b=2, *, c="x", **d):
        pass

    def long(
        first_argument, *, second_argument=len, third_argument=(1, 2, 3.5)
    ):
        pass

    signature_text = hook("signature_text").signature_text
    assert signature_text("f", short) == "f(a, b=2, *, c='x', **d)"
    assert signature_text("A.f", short, is_method=True).startswith("A.f(b=2")
    assert signature_text("function", long) == (
        "function(\n    first_argument,\n    *,\n    second_argument=len,\n"
        "    third_argument=(1, 2, 3.5),\n)"
    )


def test_a_notebook_keeps_its_outputs(hook):
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {
            "cell_type": "code",
            "source": "print(1)",
            "outputs": [
                {"output_type": "stream", "name": "stderr", "text": "noise"},
                {
                    "output_type": "stream",
                    "name": "stdout",
                    "text": ["1/2\r2/2\n", "\x1b[1mbold\x1b[0m\n"],
                },
                {
                    "output_type": "display_data",
                    "data": {
                        "text/plain": "<Figure>",
                        "image/png": base64.b64encode(b"picture").decode(),
                    },
                },
                {"output_type": "execute_result", "data": {"text/plain": "3"}},
            ],
        },
    ]
    text, pictures = hook("notebook_page").notebook_page(
        json.dumps({"cells": cells}), "01_name"
    )
    assert pictures == {"01_name_1.png": b"picture"}
    assert text == (
        "# Title\ntext\n\n```python\nprint(1)\n```\n\n"
        "``` { .text .output }\n2/2\nbold\n```\n\n"
        "![Output of the cell above](01_name_1.png)\n\n"
        "``` { .text .output }\n3\n```\n"
    )


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("README.md", "docs/samples.md#fields", "samples.md#fields"),
        ("README.md", "docs/quickstart.png", "quickstart.png"),
        ("README.md", "notebooks/01_a.ipynb", "notebooks/01_a.md"),
        ("experiments.md", "../mtvision/a.py", "api/a.md#mtvision.a.A"),
        ("samples.md", "../examples/b.py", "examples/b.md"),
        ("benchmarks/README.md", "detectors.md", "detectors.md"),
        ("notebooks/01_a.md", "../README.md", "../README.md"),
        ("README.md", "https://keras.io", "https://keras.io"),
        ("README.md", "#tasks", "#tasks"),
    ],
)
def test_links_of_the_repository_lead_to_pages(hook, page, link, expected):
    anchors = {"mtvision/a.py": "api/a.md#mtvision.a.A"}
    translate = hook("repository_links").translate_links
    assert translate(f"[x]({link})", page, anchors) == f"[x]({expected})"


def test_names_in_text_lead_to_the_api(hook):
    """A name of two rooms needs its room; what is linked already stays."""
    public, links = hook("public_names").PublicName, hook("name_links")
    names = [public("losses", "BoxIoU", 0), public("metrics", "BoxIoU", 0)]
    found = links.places([*names, public("plotting", "show", 0)])
    plain = "<code>BoxIoU</code> <code>show</code> <a><code>x.y</code></a>"
    assert links.link_names(plain, "index.html", found) == plain
    linked = links.link_names(
        "<code>BoxIoU(kind)</code><code>mtv.plotting.show</code>",
        "api/losses.html",
        found,
    )
    assert re.findall('href="(.*?)"', linked) == [
        "#mtvision.losses.BoxIoU",
        "plotting.html#mtvision.plotting.show",
    ]


def test_the_table_of_systems_has_every_recipe(hook):
    names = hook("public_names").public_names("models")
    recipes = {each.name for each in names if each.name[0].isupper()}
    recipes.discard("TileMap")  # what a recipe's tiles make
    text = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\((.*?)\)", text, re.M)
    assert {name for name, _ in rows} == recipes
    for name, link in rows:
        assert f"def {name}(" in (ROOT / link).read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages by address, built as strictly as mkdocs can."""
    pytest.importorskip("material")
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.suffix in (".html", ".css")
    }


def test_every_public_name_is_on_the_page_of_its_room(site, hook):
    names = hook("public_names")
    for room in names.rooms():
        page = site[f"api/{room}.html"]
        for each in names.public_names(room):
            assert f'id="{each.path}"' in page


def test_every_file_has_its_page(site):
    for pattern in ("notebooks/*.ipynb", "examples/*.py", "benchmarks/*.md"):
        for path in ROOT.glob(pattern):
            name = path.stem.replace("README", "index")
            assert f"{path.parent.name}/{name}.html" in site
    headings = re.findall("^## (.*)", (ROOT / "README.md").read_text(), re.M)
    assert all(f">{each}<a" in site["index.html"] for each in headings)


def test_every_link_leads_somewhere(site):
    """Also those that were made of names, which mkdocs does not check."""
    ids = {page: set(re.findall(r'id="(.*?)"', site[page])) for page in site}
    for page, text in site.items():
        for link in map(html.unescape, re.findall(r'href="(.*?)"', text)):
            target, _, anchor = link.partition("#")
            folder = posixpath.dirname(page)
            target = posixpath.normpath(posixpath.join(folder, target))
            if link.startswith("#") or not target:
                target = page
            if page != "404.html" and target in ids and anchor:
                assert anchor in ids[target], f"{page}: {link}"


def test_nothing_is_fetched_from_the_network(site):
    fetched = r'<(?:link|script|img)[^>]*(?:src|href)="(?:https?:)?//[^"]*"'
    for page, text in site.items():
        assert not re.findall(fetched, text), page
        assert not re.findall(r"url\([\"']?(?:https?:)?//", text), page
