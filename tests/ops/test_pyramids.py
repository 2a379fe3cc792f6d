import pytest

from mtvision.ops.pyramids import level_stride, take_level


def test_level_stride():
    assert [level_stride(f"P{i}") for i in (2, 3, 5)] == [4, 8, 32]
    with pytest.raises(ValueError, match="'C4'"):
        level_stride("C4")


def test_take_level():
    assert take_level({"P3": 1}, "P3") == 1
    assert take_level("a map", "P3") == "a map"
    with pytest.raises(ValueError, match="'P5' is not among"):
        take_level({"P3": 1}, "P5")
