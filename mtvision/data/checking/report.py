"""What `check` found in a data set."""

import itertools
import textwrap

import numpy as np

from mtvision.data.checking import kinds
from mtvision.data.checking.overview import name_of_class
from mtvision.data.checking.place import WHOLE
from mtvision.data.checking.text_table import text_table

TABLES = ("findings", "fields", "classes", "sizes")
# Classes of a field that are printed, and characters of a place.
SHOWN_CLASSES = 12
SHOWN_WIDTH = 100


class Report:
    """What `check` found in a data set. `print(report)` shows all of it.

    Attributes:
        findings: Dict from kind to list of `Place`.
        statistics: Dict from split to its `Statistics`. A source that is not
            split is the split `"all"`.
        classes: Dict from split to dict from field to its class names, or
            their number.
        sources: Dict from split to the source without its defects.
        mended: Dict from split to Counter of what was mended, by kind.
        dropped: Dict from split to dict from the number of each sample that
            was left out to the kinds of its defects.

    Example:

    >>> from mtvision.data.checking.check import check
    >>> image = np.eye(8, dtype="uint8")[..., None].repeat(3, axis=-1)
    >>> boxes = np.array([[2, 2, 6, 9], [4, 4, 4, 4]], "float32")
    >>> source = [{"image": image, "boxes": boxes}]
    >>> report = check(source, on_error="fix", verbose=0)
    >>> sorted(report.defects)
    ['box partly outside of the image', 'box without area']
    >>> report.source[0]["boxes"].tolist()
    [[2.0, 2.0, 6.0, 8.0]]
    """

    def __init__(self, splits, classes):
        self.findings = {}
        self.statistics = dict(splits)
        self.classes = classes
        self.sources = {}
        self.mended = {}
        self.dropped = {}

    @property
    def source(self):
        """The source without its defects, where it was not split."""
        if list(self.sources) != [WHOLE]:
            raise ValueError(
                f"there are the splits {list(self.sources)}: use "
                "report.sources, a dict."
            )
        return self.sources[WHOLE]

    @property
    def defects(self):
        """Those of `findings` that are wrong and should be mended."""
        return {k: v for k, v in self.findings.items() if k in kinds.DEFECTS}

    @property
    def facts(self):
        """Those of `findings` that are worth knowing."""
        return {
            k: v for k, v in self.findings.items() if k not in kinds.DEFECTS
        }

    @property
    def counts(self):
        """Dict from split to dict from field to dict of `labelled` and
        `missing`, numbers of samples, and `objects`, None where the field has
        no row for each.
        """
        return {split: one.fields for split, one in self.statistics.items()}

    def rows(self, table="findings"):
        """One of the tables.

        Args:
            table: `"findings"`, `"fields"` (labels given and missing),
                `"classes"` (balance) or `"sizes"` (of images and boxes in
                pixels, and the share of depth that is missing).

        Returns:
            List of dicts of equal keys.

        Raises:
            ValueError: If there is no such table.
        """
        if table not in TABLES:
            raise ValueError(f"Expected one of {TABLES}, received {table!r}.")
        found = []
        for split in self.statistics:
            rows = getattr(self, f"_{table}_rows")(split)
            found += [{"split": split} | row for row in rows]
        return found

    def __str__(self):
        samples = sum(one.samples for one in self.statistics.values())
        dropped = sum(len(one) for one in self.dropped.values())
        mended = sum(sum(one.values()) for one in self.mended.values())
        head = (
            f"{samples} samples: {_count(self.defects, 'defects')}, "
            f"{_count(self.facts, 'facts')}; {dropped} samples left out, "
            f"{mended} things mended"
        )
        blocks = [head]
        for table in TABLES:
            rows = self._short(table)
            if rows:
                blocks.append(f"{table.capitalize()}\n\n{text_table(rows)}")
            if table == "findings":
                blocks += self._remedies()
        return "\n\n".join(blocks)

    def _remedies(self):
        lines = [f"{kind}: {kinds.DEFECTS[kind]}" for kind in self.defects]
        return ["\n".join(lines)] if lines else []

    def _short(self, table):
        """Rows as they are printed."""
        rows = [dict(row) for row in self.rows(table)]
        if table == "classes":
            rows = _first_of_each_field(rows)
        for row in rows:
            if list(self.statistics) == [WHOLE]:
                del row["split"]
            if table == "findings":
                row["defect"] = "defect" if row["defect"] else "fact"
                row["first"] = textwrap.shorten(row["first"], SHOWN_WIDTH)
        return rows

    def _findings_rows(self, split):
        for kind in sorted(self.findings, key=lambda k: k in self.facts):
            places = [p for p in self.findings[kind] if p.split == split]
            if not places:
                continue
            dropped = self.dropped.get(split, {}).values()
            yield {
                "kind": kind,
                "defect": kind in kinds.DEFECTS,
                "fields": ", ".join(dict.fromkeys(p.field for p in places)),
                "number": len(places),
                "samples": len({p.index for p in places} - {None}),
                "mended": self.mended.get(split, {}).get(kind, 0),
                "dropped": sum(kind in reasons for reasons in dropped),
                "first": str(places[0]._replace(split=WHOLE)),
            }

    def _fields_rows(self, split):
        for name, numbers in self.statistics[split].fields.items():
            yield {"field": name} | numbers

    def _classes_rows(self, split):
        for name, counts in self.statistics[split].classes.items():
            listed = self.classes.get(split, {}).get(name)
            total = sum(counts.values())
            for number, count in counts.most_common():
                yield {
                    "field": name,
                    "class": name_of_class(listed, number),
                    "number": count,
                    "share": count / total,
                }

    def _sizes_rows(self, split):
        statistics = self.statistics[split]
        sizes, sides = statistics.sizes, statistics.sides
        measured = {
            "image height": sizes[:, 0],
            "image width": sizes[:, 1],
            "box height": sides[:, 1],
            "box width": sides[:, 0],
        }
        for name, shares in statistics.depth.items():
            measured[f"{name}, missing %"] = 100 * np.array(shares)
        for name, values in measured.items():
            if len(values):
                low, middle, high = np.quantile(values, (0, 0.5, 1)).tolist()
                row = {"smallest": low, "median": middle, "largest": high}
                yield {"of": name} | row


def _first_of_each_field(rows):
    """Rows of the commonest classes, and how many more there are."""
    shown = []
    for _, group in itertools.groupby(
        rows, lambda row: (row["split"], row["field"])
    ):
        group = list(group)
        for row in group[:SHOWN_CLASSES]:
            shown.append(row | {"share": f"{row['share']:.1%}"})
        if group[SHOWN_CLASSES:]:
            more = f"... {len(group) - SHOWN_CLASSES} more"
            rest = sum(row["number"] for row in group[SHOWN_CLASSES:])
            shown.append(group[0] | {"class": more, "number": rest})
            share = sum(row["share"] for row in group[SHOWN_CLASSES:])
            shown[-1]["share"] = f"{share:.1%}"
    return shown


def _count(findings, word):
    number = sum(len(places) for places in findings.values())
    kind = "kind" if len(findings) == 1 else "kinds"
    return f"{number} {word} of {len(findings)} {kind}"
