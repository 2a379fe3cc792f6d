import numpy as np
import pytest
from PIL import Image

from mtvision.data import Batches
from mtvision.data.readers.depth_maps import DepthMaps

STORED = np.full((12, 16), 2500, "uint16")
STORED[0, :4] = 0
STORED[1, 0] = 65535


@pytest.fixture
def rooms(tmp_path, draw, write):
    draw("color/1.jpg")
    draw("color/2.png")
    write("depth/1.png", STORED)

    def open_(**options):
        return DepthMaps(
            tmp_path / "color", tmp_path / "depth", **{"unit": 0.001} | options
        )

    return open_


def test_depth_is_in_metres_and_nan_where_it_was_not_measured(rooms):
    depth = rooms()[0]["depth"]
    assert depth.dtype == np.float32
    assert np.isnan(depth[0, :4]).all()
    assert np.isnan(depth).sum() == 4
    assert depth[1, 0] == np.float32(65.535)
    assert depth[5, 5] == np.float32(2.5)
    np.testing.assert_allclose(rooms(unit=1 / 256)[0]["depth"][5, 5], 9.765625)
    assert np.isnan(rooms(not_measured=65535)[0]["depth"]).sum() == 1


def test_a_map_that_does_not_exist_is_a_missing_label(rooms):
    source = rooms()
    assert source[1]["depth"] is None
    assert source.findings == {"no depth map": ["2.png"]}
    batches = Batches(source, {"depth": "depth"}, batch_size=2)
    assert batches[0][2]["depth"].tolist() == [1, 0]


def test_faulty_maps_are_named(rooms, write, tmp_path):
    write("depth/2.png", STORED[:5])
    with pytest.raises(ValueError, match=r"depth/2\.png.*\(5, 16\).*\(12, 16"):
        rooms()
    colours = np.random.default_rng(0).integers(0, 255, (12, 16, 3), "uint8")
    write("depth/2.png", colours)
    with pytest.raises(ValueError, match=r"depth/2\.png.*one channel"):
        rooms()[1]
    noise = np.random.default_rng(0).integers(0, 9999, (12, 16), "uint16")
    content = write("depth/2.png", noise).read_bytes()
    (tmp_path / "depth/2.png").write_bytes(content[:-60])
    with pytest.raises(ValueError, match=r"depth/2\.png"):
        rooms()[1]
    with pytest.raises(ValueError, match=r"1 of 2.*\n.*depth/2\.png"):
        rooms(verify=True)


def test_maps_without_a_measurement_are_found(rooms, write):
    write("depth/2.png", STORED * 0)
    findings = rooms(verify=True).findings
    assert findings == {"depth map without a measurement": ["2.png"]}


@pytest.mark.parametrize("unit", [0, -1, np.nan])
def test_the_unit_is_checked(rooms, unit):
    with pytest.raises(ValueError, match="unit"):
        rooms(unit=unit)


def test_the_dining_room(shared):
    folder = shared("depth_rgbd_dining")
    source = DepthMaps(
        folder / "color", folder / "depth", unit=0.001, verify=True
    )
    assert len(source) == 5
    assert not source.findings
    for index, file in enumerate(source.files):
        depth = source[index]["depth"]
        with Image.open(folder / "depth" / file) as picture:
            stored = np.asarray(picture)
        np.testing.assert_array_equal(np.isnan(depth), stored == 0)
        assert 0.27 < np.isnan(depth).mean() < 0.33
        millimetres = np.rint(np.nan_to_num(depth) * 1000)
        np.testing.assert_array_equal(millimetres, stored)


def test_maps_and_images_without_one_another_are_findings(
    tmp_path, draw, write
):
    draw("color/a.jpg")
    draw("color/b.jpg")
    for name in ("a.PNG", "c.png"):
        write(f"depth/{name}", np.ones((12, 16), "uint8"))
    source = DepthMaps(tmp_path / "color", tmp_path / "depth", unit=1)
    assert source[0]["depth"].tolist() == np.ones((12, 16)).tolist()
    assert source[1]["depth"] is None
    assert source.findings == {
        "depth map without an image, left out": ["c.png"],
        "no depth map": ["b.jpg"],
    }
    (tmp_path / "depth/a.PNG").unlink()
    with pytest.raises(ValueError, match="no image has a depth map"):
        DepthMaps(tmp_path / "color", tmp_path / "depth", unit=1)
