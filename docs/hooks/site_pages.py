"""Makes pages of the repository's files and of the package, for mkdocs.

Nothing is written twice: README, changelog, benchmarks, notebooks and
examples are shown as they lie in the repository, the API as the docstrings
say it.
"""

import functools
import os
import pathlib
import sys

from api_page import index_table, room_page
from example_page import example_page
from mkdocs.structure.files import File
from name_links import link_files, link_names, places
from notebook_page import notebook_page
from public_names import public_names, rooms
from repository_links import site_path, translate_links

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = pathlib.Path(__file__).parents[2]
# The package beside these files, whatever else is installed.
sys.path.insert(0, str(ROOT))

AS_THEY_ARE = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/*.md",
)


@functools.cache
def all_names():
    """All that the package exports."""
    return [each for room in rooms() for each in public_names(room)]


@functools.cache
def anchors():
    """From the files of the package to the names that they define."""
    found = {}
    for each in all_names():
        file = each.module.replace(".", "/")
        is_namesake = file.split("/")[-1].replace("_", "") == each.name.lower()
        if is_namesake or f"{file}.py" not in found:
            found[f"{file}.py"] = f"api/{each.room}.md#{each.path}"
    return found


def on_files(files, config):
    """Adds the pages, and lists folders in the navigation."""
    for path, content in _pages():
        files.append(File.generated(config, path, content=content))
    config.nav = _expand(config.nav, files)
    return files


def on_page_markdown(markdown, page, **_):
    """Translates links, and lists the rooms."""
    path = page.file.src_uri
    if path == "api/README.md":
        markdown += f"\n{index_table()}\n"
    return translate_links(markdown, path, anchors())


def on_page_content(html, page, files, **_):
    """Links names to the API, and files to their pages."""
    own = page.file.dest_uri
    pages = {file.src_uri: file.dest_uri for file in files}
    html = link_files(html, own, lambda path: pages.get(site_path(path)))
    return link_names(html, own, places(all_names()))


def _pages():
    """Pairs of a path on the site and its content."""
    for pattern in AS_THEY_ARE:
        for file in sorted(ROOT.glob(pattern)):
            yield _relative(file), file.read_text()
    for file in sorted(ROOT.glob("notebooks/*.ipynb")):
        text, pictures = notebook_page(file.read_text(), file.stem)
        yield site_path(_relative(file)), text
        for name, content in pictures.items():
            yield f"notebooks/{name}", content
    for file in sorted(ROOT.glob("examples/*.py")):
        path = _relative(file)
        yield site_path(path), example_page(file.read_text(), path)
    for room in rooms():
        yield f"api/{room}.md", room_page(room)


def _relative(file):
    return file.relative_to(ROOT).as_posix()


def _expand(nav, files):
    """Replaces `folder/` by the pages in it, the overview first."""
    expanded = []
    for entry in nav:
        ((title, target),) = entry.items()
        if isinstance(target, list):
            target = _expand(target, files)
        elif target.endswith("/"):
            pages = [
                file.src_uri
                for file in files.documentation_pages()
                if file.src_uri.startswith(target)
            ]
            pages.sort(key=lambda path: (not path.endswith("README.md"), path))
            target = pages
        expanded.append({title: target})
    return expanded
