import pytest

from mtvision.ops.image_sizes import read_image_size


@pytest.mark.parametrize("bad", [None, 0, 4.5, (3,), (3, 0), (None, 3), "448"])
def test_bad_sizes(bad):
    with pytest.raises(ValueError, match="image_size"):
        read_image_size(bad)


def test_pairs():
    assert read_image_size((3, 5)) == (3, 5)
    assert read_image_size(7) == (7, 7)
