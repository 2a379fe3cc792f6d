import subprocess
import sys

from mtvision.experiments.runs.command import hide_passwords


def test_the_command_is_what_was_typed():
    code = (
        "from mtvision.experiments.runs.command import this_command\n"
        "print(this_command())"
    )
    arguments = ["-c", code, "two words", "pg://u:secret@host/db"]
    said = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True
    ).stdout
    assert said.endswith("'two words' pg://u:***@host/db\n")
    assert said.startswith(sys.executable)


def test_passwords_are_hidden():
    text = "a mysql+x://me:pa:ss@h:3/d http://h:80/x@y"
    assert hide_passwords(text) == "a mysql+x://me:***@h:3/d http://h:80/x@y"
    assert hide_passwords("pg://h/d?password=x&port=1") == (
        "pg://h/d?password=***&port=1"
    )
    assert hide_passwords("pg://u:a/b c@h/d") == "pg://u:***@h/d"
