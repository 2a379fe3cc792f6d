"""What was found in files."""

import re


class Findings(dict):
    """What was found in files: a dict from kind to a list of places.

    Example:

    >>> findings = Findings()
    >>> findings.add("more than one box", "Bengal_105.jpg (2)")
    >>> print(findings)
    more than one box: 1 (Bengal_105.jpg (2))
    """

    def add(self, kind, place):
        """Adds the place of a finding."""
        self.setdefault(kind, []).append(place)

    def __str__(self):
        lines = []
        for kind, places in self.items():
            shown = ", ".join(places[:3]) + (", ..." if places[3:] else "")
            lines.append(f"{kind}: {len(places)} ({shown})")
        return "\n".join(lines)


def file_in(text, files):
    """The file that the text of a finding begins with.

    Args:
        text: As `"cat.jpg (2)"`.
        files: Set or dict of files.

    Returns:
        The file, or None.

    Example:

    >>> file_in("cat.jpg (2)", {"cat.jpg"})
    'cat.jpg'
    """
    ends = [match.start() for match in re.finditer(r"[ :(]|$", text)]
    return next((text[:end] for end in ends if text[:end] in files), None)


def of_files(findings, files):
    """The findings of some files.

    Args:
        findings: Dict from kind to list of places, texts that begin with a
            file.
        files: Those files.

    Returns:
        `Findings`.

    Example:

    >>> print(of_files({"no mask": ["a.png", "b.png"]}, ["b.png"]))
    no mask: 1 (b.png)
    """
    files, found = {str(file) for file in files}, Findings()
    for kind, places in findings.items():
        for place in map(str, places):
            if file_in(place, files) is not None:
                found.add(kind, place)
    return found
