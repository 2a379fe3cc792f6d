import io

from batteries.small_search import TRAIN, build
from mtvision.command_line.progress_line import with_progress


def test_the_line_follows_the_training_and_goes():
    stream, seen = io.StringIO(), []

    def own(name):
        seen.append(name)
        return []

    callbacks = with_progress(own, stream)("small-3")
    build().fit(*TRAIN, epochs=2, verbose=0, callbacks=callbacks)
    assert seen == ["small-3"]
    lines = stream.getvalue().split("\r\033[K")
    assert lines[1].startswith("small-3 [....................] epoch 1 of 2")
    assert any("[==========..........] epoch 2 of 2" in line for line in lines)
    assert lines[-1] == ""
