"""Records of runs in the attributes of trials."""

import json

from mtvision.experiments.runs.records import to_json

# MySQL's texts end at 65535 bytes; JSON in JSON doubles the quotes.
LONGEST = 65535
PIECE = 30000
# JSON writes up to 12 bytes for a sign, such as \\ud83d\\ude00.
ANY_PIECE = 5000


def put_record(trial, record):
    """Writes a record into the attributes of a trial.

    Args:
        trial: Optuna's trial.
        record: Dict of JSON's types.
    """
    text = to_json(record)
    starts = range(0, len(text), PIECE)
    for number, start in enumerate(starts):
        key = "record" if number == 0 else f"record {number}"
        trial.set_user_attr(key, text[start : start + PIECE])
    trial.set_user_attr("pieces", len(starts))


def fitting(text):
    """A text, or its end, as long as one attribute takes it.

    Args:
        text: Any text.

    Returns:
        String.

    Example:

    >>> len(fitting("a" * 99999)), len(fitting("\N{GRINNING FACE}" * 99999))
    (30000, 5000)
    """
    end = text[-PIECE:]
    return end if len(json.dumps(end)) <= LONGEST else end[-ANY_PIECE:]


def get_record(attributes):
    """Reads a record.

    Args:
        attributes: Dict of a trial's user attributes.

    Returns:
        Dict, or `None` if there is none that is whole.

    Example:

    >>> get_record({"record": '{"seed"', "record 1": ': 3}', "pieces": 2})
    {'seed': 3}
    """
    if not 0 < attributes.get("pieces", 0) < len(attributes):
        return None
    keys = ["record", *(f"record {n}" for n in range(1, attributes["pieces"]))]
    return json.loads("".join(attributes[key] for key in keys))
