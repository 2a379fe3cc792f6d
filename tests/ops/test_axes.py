import pytest

from mtvision.ops.axes import by_axis
from mtvision.ops.option_checks import require_count


def check(number, argument):
    require_count(number, 2, argument)


def test_one_number_or_three():
    assert by_axis(4, check, "size") == (4, 4, 4)
    assert by_axis([2, 3, 4], check, "size") == (2, 3, 4)
    assert by_axis(4, check, "size", rank=2) == (4, 4)


@pytest.mark.parametrize(
    "wrong", [1, (2, 2), (2, 1, 2), "2", None, (2, 2, "2")]
)
def test_others_are_errors(wrong):
    with pytest.raises(ValueError, match="Expected size as"):
        by_axis(wrong, check, "size")
    with pytest.raises(ValueError, match="2 of them"):
        by_axis((2, 2, 2), check, "size", rank=2)
