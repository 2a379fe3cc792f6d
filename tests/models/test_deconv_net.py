from mtvision.layers import TransposedConv2D
from mtvision.models import DeconvNet


def test_the_paper():
    """The mirror of VGG by transposed convolutions, behind wide layers."""
    model = DeconvNet(21, hidden=16)
    path = model.get_layer("path")
    blocks = [path.blocks[level] for level in ("P4", "P3", "P2", "P1", "P0")]
    assert [len(block) for block in blocks] == [3, 3, 3, 2, 2]
    assert [block[-1][0].filters for block in blocks] == [512, 256, 128, 64, 64]
    layers = [convolution for block in blocks for convolution, _ in block]
    assert all(isinstance(layer, TransposedConv2D) for layer in layers)
    wide = [model.get_layer(f"whole_{k}_conv") for k in range(3)]
    assert [tuple(layer.kernel.shape) for layer in wide] == [
        (7, 7, 512, 16),
        (1, 1, 16, 16),
        (7, 7, 16, 512),
    ]


def test_without_wide_layers():
    names = [layer.name for layer in DeconvNet(21, hidden=0).layers]
    assert "path" in names
    assert "whole_0_conv" not in names
