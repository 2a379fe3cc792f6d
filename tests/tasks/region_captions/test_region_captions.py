import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.losses import check_loss
from batteries.properties import cases
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.tasks.region_captions import (
    DecodeRegionCaptions,
    RegionCaptionsHead,
    RegionCaptionsLoss,
)
from mtvision.tasks.region_captions.columns import join

RANDOM = np.random.default_rng(0)
WORDS, LENGTH = 7, 4


def scene(batch=2):
    """Two objects an image, and regions of which four show one."""
    boxes = np.float32([[2, 2, 14, 14], [16, 10, 30, 28]])
    truth = {
        "boxes": boxes,
        "classes": np.int32([0, 0]),
        "phrases": np.int32([[3, 2, 0, 0], [4, 5, 6, 2]]),
    }
    truth = {k: np.stack([v] * batch) for k, v in truth.items()}
    regions = np.float32(
        [*boxes, [3, 2, 14, 15], [16, 9, 29, 28], [0, 20, 9, 31]]
    )
    return truth, np.stack([regions] * batch)


def features():
    return RANDOM.normal(size=(2, 5, 6)).astype("float32")


def rows():
    logits = RANDOM.normal(size=(2, 5, LENGTH, WORDS)).astype("float32")
    return to_numpy(join(logits, scene()[1]))


def head(**options):
    options = {"units": 5, "embedding": 3, **options}
    return RegionCaptionsHead(WORDS, LENGTH, **options)


def logits_of(rows):
    return to_numpy(rows)[:, :, :LENGTH]


def spread(layer):
    """Gives a layer weights that tell one word from another."""
    layer(features(), scene()[1])
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(size=w.shape) for w in layer.weights])
    return layer


def test_the_recurrence_equals_pytorch():
    torch = pytest.importorskip("torch")
    layer = spread(head())
    truth, regions = scene()
    x = features()
    values = {w.path.split("/", 1)[-1]: to_numpy(w) for w in layer.weights}
    values = {k: torch.tensor(v) for k, v in values.items()}
    lstm = torch.nn.LSTM(3, 5, batch_first=True)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(values["cell/kernel"].T)
        lstm.weight_hh_l0.copy_(values["cell/recurrent_kernel"].T)
        lstm.bias_ih_l0.copy_(values["cell/bias"])
        lstm.bias_hh_l0.zero_()
        seen = torch.relu(
            torch.tensor(x) @ values["look/kernel"] + values["look/bias"]
        )
        read = np.int64([[WORDS, 3, 2, 0], [WORDS, 4, 5, 6]])
        read = np.stack([read[[0, 1, 0, 1]]] * 2)
        read = values["words/embeddings"][torch.tensor(read)]
        steps = torch.cat([seen[:, :4, None], read], dim=2)
        states = lstm(steps.reshape(8, LENGTH + 1, 3))[0][:, 1:]
        expected = states @ values["logits/kernel"] + values["logits/bias"]
    outputs = layer(x, regions, truth["boxes"], truth["phrases"])
    np.testing.assert_allclose(
        logits_of(outputs)[:, :4],
        expected.reshape(2, 4, LENGTH, WORDS).numpy(),
        atol=1e-5,
    )


def test_only_regions_near_a_box_with_a_phrase_read_it():
    layer = spread(head())
    truth, regions = scene()
    x = features()
    own = logits_of(layer(x, regions))
    truth["phrases"][1, 1] = 0
    taught = logits_of(layer(x, regions, truth["boxes"], truth["phrases"]))
    differs = np.abs(own - taught).max(axis=(2, 3)) > 1e-6
    # Unless the word that it would have read anyway is the same.
    assert differs.any()
    assert not differs[:, 4].any()
    assert not differs[1, [1, 3]].any()
    # The first word is given before any is read.
    np.testing.assert_allclose(own[:, :, 0], taught[:, :, 0], atol=1e-6)
    loose = spread(head(min_overlap=1.0))
    taught = logits_of(loose(x, regions, truth["boxes"], truth["phrases"]))
    np.testing.assert_allclose(own[:, 2:], taught[:, 2:], atol=1e-6)


def test_reading_its_own_words_changes_nothing():
    layer = spread(head())
    _, regions = scene()
    x = features()
    own = logits_of(layer(x, regions))
    words = own.argmax(axis=-1).astype("int32")
    has_word = words.any(axis=-1)
    taught = logits_of(layer(x, regions, regions, words))
    np.testing.assert_allclose(taught[has_word], own[has_word], atol=1e-5)


def test_head():
    truth, regions = scene()
    outputs = check_layer(
        RegionCaptionsHead,
        {
            "vocabulary_size": WORDS,
            "max_length": LENGTH,
            "units": 5,
            "embedding": 3,
            "min_overlap": 0.4,
        },
        (features(), regions, truth["boxes"], truth["phrases"]),
        without_gradient=(1, 2),
    )
    assert outputs.shape == (2, 5, LENGTH + 1, WORDS)
    np.testing.assert_array_equal(outputs[:, :, -1, :4], regions)


def test_strange_proposals_are_no_teachers():
    layer = spread(head())
    truth, regions = scene()
    x = features()
    own = to_numpy(layer(x, regions))
    for boxes in (np.full((2, 2, 4), np.nan, "float32"), np.zeros((2, 2, 4))):
        taught = layer(x, regions, boxes, truth["phrases"])
        np.testing.assert_allclose(to_numpy(taught), own, atol=1e-6)
    # A number beyond the vocabulary is an unknown word.
    truth["phrases"][:, 0, 0] = 99
    first = to_numpy(layer(x, regions, truth["boxes"], truth["phrases"]))
    truth["phrases"][:, 0, 0] = 1
    second = to_numpy(layer(x, regions, truth["boxes"], truth["phrases"]))
    np.testing.assert_array_equal(first, second)


def literal_loss(truth, predicted):
    """The mean over the words of the four regions that show an object."""
    values = []
    logits = logits_of(predicted).astype("float64")
    for image in range(2):
        for region, row in enumerate([0, 1, 0, 1]):
            phrase = truth["phrases"][image, row].tolist()
            if not any(phrase):
                continue
            number = phrase.index(0) + 1 if 0 in phrase else LENGTH
            for place in range(number):
                x = logits[image, region, place]
                values.append(np.log(np.exp(x).sum()) - x[phrase[place]])
    return np.mean(values)


@cases(12)
@given(st.lists(st.integers(0, WORDS - 1), min_size=16, max_size=16))
def test_the_loss_is_the_mean_over_words(words):
    truth, _ = scene()
    phrases = np.int32(words).reshape(2, 2, LENGTH)
    # Nothing comes behind the first end.
    phrases *= np.cumprod(phrases > 0, axis=-1)
    truth["phrases"] = phrases
    # So that both images are labelled, and count alike.
    phrases[:, 0, 0] = np.maximum(phrases[:, 0, 0], 1)
    predicted = rows()
    loss = RegionCaptionsLoss(num_samples=100, positive_share=1.0)
    assert float(loss(truth, predicted)) == pytest.approx(
        literal_loss(truth, predicted), rel=1e-4
    )


def test_every_property_of_a_loss():
    check_loss(
        RegionCaptionsLoss,
        {
            "assigner": AnchorAssigner(high=0.6, low=0.2),
            "num_samples": 4,
            "positive_share": 0.5,
            "normalize_by": "image",
            "reduction": "sum",
        },
        scene()[0],
        rows(),
    )


def test_an_object_without_a_phrase_counts_nowhere():
    truth, _ = scene()
    loss = RegionCaptionsLoss(reduction=None)
    truth["phrases"][:, 1] = [[0], [-1]]
    slope = gradient(lambda p: loss(truth, p), rows())
    assert np.abs(slope[0, 0]).max() > 0
    assert not slope[:, [1, 3, 4]].any()
    # Behind the end nothing is taught.
    slope = slope[:, 0, :LENGTH]
    assert slope[:, :3].any(axis=-1).all()
    assert not slope[:, 3].any()
    truth["phrases"][1] = 0
    assert to_numpy(loss.labelled(truth)).tolist() == [True, False]
    assert to_numpy(loss(truth, rows()))[1] == 0


def test_images_without_objects():
    truth, _ = scene()
    none = {k: v[:, :0] for k, v in truth.items()}
    loss = RegionCaptionsLoss()
    assert float(loss(none, rows())) == 0
    truth["classes"][:] = -1
    assert float(loss(truth, rows())) == 0


def test_decoder_in_a_model():
    found = {
        "boxes": scene()[1],
        "classes": np.float32([[0, 1, -1, 0, 0]] * 2),
    }
    outputs = check_layer(
        DecodeRegionCaptions,
        {"head": spread(head()), "beams": 3},
        (features(), found),
        differentiable=False,
    )
    assert outputs["phrases"].dtype == np.int32
    assert outputs["phrases"].shape == (2, 5, LENGTH)
    assert not outputs["phrases"][:, 2].any()
    assert not outputs["phrase_scores"][:, 2].any()
    assert (outputs["phrase_scores"][:, [0, 1, 3, 4]] < 0).all()


def test_one_beam_is_what_the_head_says_itself():
    layer = spread(head())
    x, regions = features(), scene()[1]
    own = logits_of(layer(x, regions))
    words = own.argmax(axis=-1)
    alive = np.cumprod(words > 0, axis=-1)
    logs = own - np.log(np.exp(own).sum(axis=-1, keepdims=True))
    logs = logs.max(axis=-1)
    # The end, if there is one, counts too.
    counts = np.concatenate([np.ones_like(alive[..., :1]), alive[..., :-1]], -1)
    found = {"boxes": regions, "classes": np.zeros((2, 5), "int32")}
    decoded = to_numpy(DecodeRegionCaptions(layer)(x, found))
    np.testing.assert_array_equal(decoded["phrases"], words * alive)
    np.testing.assert_allclose(
        decoded["phrase_scores"], (logs * counts).sum(axis=-1), rtol=1e-4
    )
    best = to_numpy(DecodeRegionCaptions(layer, beams=50)(x, found))
    assert (best["phrase_scores"] >= decoded["phrase_scores"] - 1e-5).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vocabulary_size", 2),
        ("max_length", 0),
        ("units", 0),
        ("embedding", 0),
        ("min_overlap", 1.5),
    ],
)
def test_wrong_options_of_the_head(name, value):
    options = {"vocabulary_size": WORDS, "max_length": LENGTH, name: value}
    with pytest.raises(ValueError, match=name):
        RegionCaptionsHead(**options)


@pytest.mark.parametrize("length", [1, 2, 2 * LENGTH])
def test_phrases_of_another_length_are_an_error(length):
    truth, _ = scene()
    truth["phrases"] = np.ones((2, 2, length), "int32")
    message = f"L={length}.*max_length={LENGTH}"
    with pytest.raises(ValueError, match=message):
        RegionCaptionsLoss()(truth, rows())
    with pytest.raises(ValueError, match=message):
        RegionCaptionsLoss().check_truth(truth, rows())


def test_what_does_not_fit():
    truth, regions = scene()
    loss = RegionCaptionsLoss()
    with pytest.raises(ValueError, match=r"\(B, R, L \+ 1, V\)"):
        loss(truth, rows()[:, :, 0])
    without = {k: v for k, v in truth.items() if k != "phrases"}
    with pytest.raises(ValueError, match="'phrases'.*received"):
        loss(without, rows())
    with pytest.raises(ValueError, match="'phrases'"):
        loss.check_truth(without, rows())
    loss.check_truth(truth, rows())
    truth["phrases"][0, 0, 0] = WORDS
    with pytest.raises(ValueError, match="hold 7.*vocabulary_size"):
        loss.check_truth(truth, rows())
    with pytest.raises(ValueError, match="together"):
        head()(features(), regions, truth["boxes"])
    with pytest.raises(ValueError, match=r"\(B, P, 4\)"):
        head()(features(), regions, truth["boxes"], truth["phrases"][:, :1])
    with pytest.raises(ValueError, match="RegionCaptionsHead"):
        DecodeRegionCaptions(keras.layers.Dense(3))
    with pytest.raises(ValueError, match="beams"):
        DecodeRegionCaptions(head(), beams=0)
