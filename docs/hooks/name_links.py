"""Names in running text, as links to the API."""

import re

CODE = re.compile(
    r"<(pre|a|h[1-6])\b.*?</\1>|<code>(?:(?:mtvision|mtv)\.)?"
    r"(?:(\w+)\.)?([A-Za-z_]\w+)(\([^<]*\))?</code>",
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
        found[None, each.name] = (
            None if (None, each.name) in found else place
        )
    return found


def link_names(html, page, found):
    """Links the names in a page.

    Args:
        html: The page's content.
        page: Its address on the site.
        found: As `places` gives it.

    Returns:
        The content with links around names that the package exports.
    """
    up = "../" * page.count("/")
    own = page.removeprefix("api/").removesuffix(".html")

    def link(match):
        room, name = match[2], match[3]
        if match[1]:
            return match[0]
        place = (found.get((own, name)) if room is None else None) or found.get(
            (room, name)
        )
        if place is None or name.islower() and "_" not in name and not room:
            return match[0]
        address = f"{up}{place[0]}" if place[0] != page else ""
        return f'<a class="name" href="{address}#{place[1]}">{match[0]}</a>'

    return CODE.sub(link, html)
