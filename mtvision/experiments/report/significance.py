"""Which methods differ by more than chance, as a table."""

from mtvision.experiments.report.markup import join, tag
from mtvision.experiments.report.parts import paragraph
from mtvision.experiments.report.table import table

LEVEL = 0.05


def significance(names, pairwise):
    """Writes a table of all pairs of methods.

    Args:
        names: The methods, in order.
        pairwise: List of dicts `a`, `b`, `difference` and `p`; or a text that
            says why there is none; or `None`.

    Returns:
        List of elements.

    Example:

    >>> pair = {"a": "sum", "b": "UPGrad", "difference": -2.0, "p": 0.01}
    >>> html = significance(["sum", "UPGrad"], [pair])[1]
    >>> html.count('class="result better"'), html.count('class="result worse"')
    (1, 1)
    """
    if not pairwise:
        return []
    if isinstance(pairwise, str):
        return [paragraph(pairwise)]
    found = {}
    for pair in pairwise:
        found[pair["a"], pair["b"]] = pair["difference"], pair["p"]
        found[pair["b"], pair["a"]] = -pair["difference"], pair["p"]
    names = [name for name in names if any(name in pair for pair in found)]
    rows = [
        [tag("b", row), *(_cell(found.get((row, column))) for column in names)]
        for row in names
    ]
    words = (
        "How much higher delta m is for the method of the row than for that "
        "of the column, and below it p: the chance of such a difference, or a "
        "larger one, if the two were equal (paired t-test over the seeds, "
        "Holm's correction for all pairs). Blue: better, orange: worse, with p "
        f"below {LEVEL}. Not coloured: not shown to differ."
    )
    return [
        paragraph(words),
        table(["", *names], rows, caption="Differences in delta m"),
    ]


def _cell(found):
    if found is None:
        return None
    difference, p = found
    name = "result"
    if p < LEVEL:
        name += " better" if difference > 0 else " worse"
    text = "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
    cell = join(f"{difference:+.1f}", tag("br"), tag("small", text))
    return tag("td", cell, class_=name)
