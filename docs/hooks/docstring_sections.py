"""Docstrings of this package's form, as Markdown."""

import re
import textwrap

TITLES = {
    "Args": "Arguments",
    "Call": "Called with",
    "Call arguments": "Called with",
    "Attributes": "Attributes",
    "Returns": "Returns",
    "Yields": "Yields",
    "Raises": "Raises",
    "Example": "Example",
    "Reference": "Reference",
}
HEADER = re.compile(rf"^({'|'.join(TITLES)}):$", re.M)
ENTRY = re.compile(r"^(\*{0,2}[\w.]+(?:, \*{0,2}[\w.]+)*): ", re.M)


def docstring_markdown(text):
    """A docstring as Markdown.

    Args:
        text: The docstring, without indentation.

    Returns:
        Markdown: lists of definitions for arguments and errors, examples as
        code.
    """
    before, *parts = HEADER.split(text)
    blocks = [before.strip()]
    for name, body in zip(parts[::2], parts[1::2]):
        blocks.append(f"**{TITLES[name]}**{{ .part }}")
        blocks.append(_section(name, body))
    return "\n\n".join(block for block in blocks if block)


def _section(name, body):
    if name == "Example":
        return _example(body)
    inside, outside = _split_indented(body.strip("\n"))
    if name not in ("Returns", "Yields", "Reference"):
        inside = _definitions(inside)
    return f"{inside}\n\n{outside}".strip()


def _split_indented(body):
    """What is indented, dedented, and what follows it."""
    match = re.search(r"^\S", body, re.M)
    end = match.start() if match else len(body)
    return textwrap.dedent(body[:end]).strip(), body[end:].strip()


def _definitions(text):
    """Entries `name: what it is` as Markdown's list of definitions."""
    before, *parts = ENTRY.split(text)
    entries = [
        f"`{name}`\n:   {textwrap.indent(_dedented(words), '    ').lstrip()}"
        for name, words in zip(parts[::2], parts[1::2])
    ]
    return "\n\n".join([before.strip(), *entries]).strip()


def _dedented(words):
    """An entry's text, of which the first line follows its name."""
    first, _, rest = words.strip().partition("\n")
    return f"{first}\n{textwrap.dedent(rest)}".strip()


def _example(body):
    """Paragraphs that start with a prompt as code, the others as text."""
    blocks = []
    for paragraph in re.split(r"\n{2,}", textwrap.dedent(body).strip("\n")):
        code = re.sub(r"\s*# doctest: .*", "", paragraph)
        if not paragraph.startswith(">>>"):
            blocks.append(paragraph)
        elif blocks and blocks[-1].startswith("```"):
            blocks[-1] = blocks[-1].removesuffix("```") + f"\n{code}\n```"
        else:
            blocks.append(f"```pycon\n{code}\n```")
    return "\n\n".join(blocks)
