import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.neighbors import NearestNeighbors

from mtvision.metrics import choose_threshold
from mtvision.recognition import Gallery

EYE = np.eye(3, dtype="float32")


def people(threshold=0.5):
    gallery = Gallery(3, threshold=threshold)
    for name, row in zip(("Ann", "Bob"), EYE):
        gallery.add(name, row)
    return gallery


def test_one_face_is_enough():
    gallery = people()
    assert gallery.names == ["Ann", "Bob"]
    found = gallery.identify([[0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]])
    assert [each.name for each in found] == ["Ann", "Bob", None]
    assert found[0].distance == pytest.approx(0.02)
    assert (found[1].distance, found[2].distance) == (0, 2)
    assert found[2].nearest in gallery.names
    gallery.add("Cleo", EYE[2])
    assert gallery.identify(EYE[2]).name == "Cleo"


def test_the_threshold_itself_is_near_enough():
    gallery = people(threshold=0.25)
    assert gallery.identify([0.5, 0, 0]).name == "Ann"
    assert gallery.verify("Ann", [0.5, 0, 0])
    assert gallery.identify([0.49, 0, 0]).name is None
    assert not gallery.verify("Ann", [0.49, 0, 0])


def test_several_faces_of_a_person():
    gallery = people()
    gallery.add("Ann", [0.6, 0, -0.3])
    assert (len(gallery), gallery.num_faces) == (2, 3)
    assert gallery.identify([0.2, 0, -0.7]).name == "Ann"
    assert gallery.verify("Ann", [0.2, 0, -0.7])
    gallery.remove("Ann")
    assert (len(gallery), gallery.num_faces, "Ann" in gallery) == (1, 1, False)
    assert gallery.identify([0.2, 0, -0.7]).nearest == "Bob"
    gallery.remove("Bob")
    with pytest.raises(ValueError, match="empty gallery"):
        gallery.identify(EYE[0])
    gallery.add("Ann", EYE[0])
    assert gallery.identify(EYE[0]).name == "Ann"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 9),
    st.sampled_from([1e-3, 1.0, 1e3]),
    st.sampled_from([0.0, 1e2]),
    st.integers(0, 10**6),
)
def test_the_nearest_is_that_of_scikit_learn(number, size, scale, shift, seed):
    rng = np.random.default_rng(seed)
    rows = (scale * (rng.normal(size=(number, size)) + shift)).astype("float32")
    queries = rows[rng.integers(0, number, 5)] + np.float32(scale * 0.1) * (
        rng.normal(size=(5, size)).astype("float32")
    )
    gallery = Gallery(size, threshold=1.0)
    for number, row in enumerate(rows):
        gallery.add(str(number), row, force=True)
    peer = NearestNeighbors(n_neighbors=1, algorithm="kd_tree")
    peer.fit(rows.astype("float64"))
    distances, nearest = peer.kneighbors(queries.astype("float64"))
    for found, distance, index in zip(
        gallery.identify(queries), distances[:, 0], nearest[:, 0]
    ):
        assert found.nearest == str(index)
        assert found.distance == pytest.approx(distance**2, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(0, 99)),
        max_size=25,
    )
)
def test_adding_and_removing_is_that_of_a_dict(steps):
    gallery, plain = Gallery(4, threshold=9.0), {}
    for name, removes, seed in steps:
        if removes and name in plain:
            gallery.remove(name)
            del plain[name]
        elif not removes:
            row = np.random.default_rng(seed).normal(size=4).astype("float32")
            gallery.add(name, row, force=True)
            plain.setdefault(name, []).append(row)
    assert gallery.names == list(plain)
    assert gallery.num_faces == sum(map(len, plain.values()))
    query = np.random.default_rng(100).normal(size=4).astype("float32")
    for name, rows in plain.items():
        least = np.square(np.float64(rows) - query).sum(axis=1).min()
        assert gallery.verify(name, query) == (least <= 9.0)
    if plain:
        least = min(
            np.square(np.float64(rows) - query).sum(axis=1).min()
            for rows in plain.values()
        )
        assert gallery.identify(query).distance == pytest.approx(least)


def test_two_cannot_claim_one_face():
    gallery = people()
    with pytest.raises(ValueError, match=r"'Cleo' is that of 'Ann'.*force"):
        gallery.add("Cleo", [0.9, 0.1, 0])
    with pytest.raises(ValueError, match="'Bob' is that of 'Ann'"):
        gallery.add("Bob", [0.9, 0.1, 0])
    with pytest.raises(ValueError, match=r"not that of 'Ann'.*two names"):
        gallery.add("Ann", EYE[2])
    assert gallery.num_faces == 2
    gallery.add("Cleo", [0.9, 0.1, 0], force=True)
    gallery.add("Ann", EYE[2], force=True)
    assert (len(gallery), gallery.num_faces) == (3, 4)


def test_unknown_people():
    gallery = people()
    for ask in (lambda: gallery.verify("Anne", EYE[0]), gallery_remove):
        with pytest.raises(ValueError, match=r"'Anne' is not .*of 2 people"):
            ask()
    with pytest.raises(ValueError, match="Add them first"):
        Gallery(3, threshold=1.0).verify("Ann", EYE[0])


def gallery_remove():
    people().remove("Anne")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([1.0, 2.0], r"\(3,\).*received the shape \(2,\)"),
        (np.zeros((2, 3)), "Expected one embedding"),
        (np.zeros((1, 1, 3)), "received the shape"),
        ([0.0, np.nan, 0.0], "Embedding 0 holds NaN"),
        ([0.0, np.inf, 0.0], "Embedding 0 holds NaN or inf"),
        ([0.0, 1e20, 0.0], "Embedding 0 holds .* squares are infinite"),
        ([0.0, 1e300, 0.0], "Embedding 0 holds"),
    ],
)
def test_wrong_embeddings(wrong, message):
    gallery = people()
    for ask in (gallery.add, gallery.verify):
        with pytest.raises(ValueError, match=message):
            ask("Ann", wrong)
    assert gallery.num_faces == 2


def test_of_several_the_wrong_one_is_named():
    rows = np.zeros((3, 3))
    rows[1] = np.nan
    with pytest.raises(ValueError, match="Embedding 1 holds"):
        people().identify(rows)


def test_names_of_all_scripts():
    gallery = Gallery(3, threshold=0.1)
    names = [
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "\u674e",
        "Zo\u00eb O'Neil",
    ]
    for name, row in zip(names, EYE):
        gallery.add(name, row)
    assert [found.name for found in gallery.identify(EYE)] == names


@pytest.mark.parametrize(
    "name", ["", " ", "Ann ", "a\0", None, 3, "a\nb", "\u200c"]
)
def test_wrong_names(name):
    with pytest.raises(ValueError, match="name of a person"):
        people().add(name, EYE[2])


@pytest.mark.parametrize(
    "options",
    [
        {"threshold": 0},
        {"threshold": "1"},
        {"threshold": np.inf},
        {"threshold": np.nan},
        {"size": 0},
    ],
)
def test_wrong_options(options):
    with pytest.raises(ValueError, match=str(*options)):
        Gallery(**{"size": 3, "threshold": 1.0, **options})


@pytest.mark.parametrize("same", [[1, 0, 0], [1, 1, 0]])
def test_the_threshold_of_equal_embeddings_is_explained(same):
    threshold = choose_threshold([0.0, 0.0, 0.0], same)
    assert threshold <= 0
    with pytest.raises(ValueError, match="choose_threshold.*all embeddings"):
        Gallery(3, threshold=threshold)
