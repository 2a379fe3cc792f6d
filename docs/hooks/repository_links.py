"""Links between files of the repository, as links between pages."""

import posixpath
import re

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s#]+)(#[^)\s]*)?(?=\))")


def site_path(path):
    """Where a file of the repository is on the site.

    Args:
        path: Its path in the repository.

    Returns:
        Path of the source of its page, relative to `docs`.
    """
    path = path.removeprefix("docs/")
    if path.endswith(".ipynb"):
        return path.removesuffix(".ipynb") + ".md"
    if path.startswith("examples/") and path.endswith(".py"):
        return path.removesuffix(".py") + ".md"
    return path


def repository_path(path):
    """The file of the repository that a page shows; see `site_path`.

    Args:
        path: Path of the source of a page, relative to `docs`.
    """
    if path.startswith(("notebooks/", "benchmarks/", "examples/")):
        return path
    is_own = path in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
    return path if is_own else f"docs/{path}"


def translate_links(markdown, page, anchors):
    """Makes links that work in the repository work on the site.

    Args:
        markdown: Text of a page.
        page: Path of its source, relative to `docs`.
        anchors: Dict from modules' paths in the repository to places in the
            API.

    Returns:
        The text with its links changed.
    """
    folder = posixpath.dirname(repository_path(page))

    def translate(match):
        target = posixpath.normpath(posixpath.join(folder, match[1]))
        place = anchors.get(target) or site_path(target) + (match[2] or "")
        return posixpath.relpath(place, posixpath.dirname(page) or ".")

    return LINK.sub(translate, markdown)
