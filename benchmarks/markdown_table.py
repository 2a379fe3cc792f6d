"""Rows of figures as a table of the pages beside."""


def print_table(rows):
    """Prints rows in Markdown."""
    print("|", " | ".join(rows[0]), "|")
    print("|", " | ".join("---" for _ in rows[0]), "|")
    for row in rows:
        cells = (
            f"{v:.4g}" if isinstance(v, float) else v for v in row.values()
        )
        print("|", " | ".join(map(str, cells)), "|")
