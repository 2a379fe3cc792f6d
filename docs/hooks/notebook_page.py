"""Notebooks as pages: their text, code and kept outputs."""

import base64
import json
import re

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
FORMATS = {"image/png": "png", "image/jpeg": "jpg"}


def notebook_page(text, stem):
    """A notebook as Markdown.

    Args:
        text: The file's content.
        stem: Name of the file without its ending; the pictures are named
            after it.

    Returns:
        The Markdown, and a dict from names of pictures to their bytes.
    """
    blocks, pictures = [], {}
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"]).strip()
        if not source:
            continue
        if cell["cell_type"] == "code":
            blocks.append(_fence(source, "python"))
            for output in cell["outputs"]:
                blocks += _output(output, stem, pictures)
        else:
            blocks.append(source)
    return "\n\n".join(blocks) + "\n", pictures


def _fence(text, language):
    marks = "`" * max([3, *(len(m) + 1 for m in re.findall("`{3,}", text))])
    return f"{marks}{language}\n{text}\n{marks}"


def _output(output, stem, pictures):
    if output["output_type"] == "stream":
        return _plain(output["text"]) if output["name"] == "stdout" else []
    if output["output_type"] == "error":
        return _plain("\n".join(output["traceback"]))
    data = output["data"]
    for kind in FORMATS.keys() & data.keys():
        name = f"{stem}_{len(pictures) + 1}.{FORMATS[kind]}"
        pictures[name] = base64.b64decode("".join(data[kind]))
        return [f"![Output of the cell above]({name})"]
    if "text/markdown" in data:
        return ["".join(data["text/markdown"]).strip()]
    return _plain(data.get("text/plain", ""))


def _plain(text):
    text = ESCAPES.sub("", "".join(text)).strip("\n")
    # What a progress bar leaves on a terminal: the last state of each line.
    lines = [line.split("\r")[-1] for line in text.split("\n")]
    text = "\n".join(line.replace("\b", "").rstrip() for line in lines)
    return [_fence(text, " { .text .output }")] if text else []
