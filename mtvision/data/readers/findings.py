"""What was found in files."""


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
