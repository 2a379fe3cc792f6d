"""Example scripts as pages: what they say of themselves, and their code."""

import ast


def example_page(text, path):
    """A script as Markdown.

    Args:
        text: The file's content.
        path: Its path in the repository.

    Returns:
        Markdown.
    """
    tree = ast.parse(text)
    about = ast.get_docstring(tree)
    code = "\n".join(text.split("\n")[tree.body[0].end_lineno :]).strip()
    name = path.rsplit("/", 1)[-1]
    return f"# {name}\n\n{about}\n\n```python\n{code}\n```\n"
