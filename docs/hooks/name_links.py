"""Names and files in running text, as links."""

import posixpath
import re

# What holds links already, or none, comes first, to be passed over.
SKIPPED = r"<(pre|a|h[1-6])\b.*?</\1>|"
NAME = re.compile(
    SKIPPED + r"<code>(?:(?:mtvision|mtv)\.)?"
    r"(?:(\w+)\.)?([A-Za-z_]\w+)(?:\([^<]*\))?</code>",
    re.S,
)
FILE = re.compile(
    SKIPPED + r"<code>([\w./]+\.(?:py|md|ipynb))</code>",
    re.S,
)


def places(names):
    """Where each name is explained.

    Args:
        names: All `PublicName`.

    Returns:
        Dict from (room, name), and from (None, name) for those names that
        one room alone exports, to (page, anchor).
    """
    found = {}
    for each in names:
        place = (f"api/{each.room}.html", each.path)
        found[each.room, each.name] = place
        is_shared = (None, each.name) in found
        found[None, each.name] = None if is_shared else place
    return found


def link_names(html, page, found):
    """Links the names in a page.

    A small word, such as `show`, is linked only with its room before it.

    Args:
        html: The page's content.
        page: Its address on the site.
        found: As `places` gives it.

    Returns:
        The content with links around names that the package exports.
    """
    own = posixpath.splitext(posixpath.basename(page))[0]

    def link(match):
        tag, room, name = match.groups()
        if tag or (room is None and name.isalpha() and name.islower()):
            return match[0]
        place = found.get((room, name))
        if room is None:
            place = found.get((own, name), place)
        return _link(match[0], page, *place) if place else match[0]

    return NAME.sub(link, html)


def link_files(html, page, find):
    """Links the files of the repository that a page names.

    Args:
        html: The page's content.
        page: Its address on the site.
        find: Function from a file to the address of its page, or `None`.

    Returns:
        The content with links.
    """

    def link(match):
        target = None if match[1] else find(match[2])
        return _link(match[0], page, target) if target else match[0]

    return FILE.sub(link, html)


def _link(code, page, target, anchor=""):
    folder = posixpath.dirname(page) or "."
    address = "" if target == page else posixpath.relpath(target, folder)
    mark = f"#{anchor}" if anchor else ""
    return f'<a class="name" href="{address}{mark}">{code}</a>'
