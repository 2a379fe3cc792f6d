import keras
import numpy as np
import pytest

from mtvision.recognition import FaceRecognizer, Gallery


def recognizer(threshold=100.0):
    image = keras.Input((6, 4, 3))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    return FaceRecognizer(
        keras.Model(image, mean), Gallery(3, threshold=threshold), batch_size=2
    )


def face(*colour):
    return np.broadcast_to(np.uint8(colour), (6, 4, 3))


def test_names_of_images():
    people = recognizer()
    people.add("Ann", face(200, 0, 0))
    people.add("Bob", face(0, 200, 0))
    strangers = np.stack([face(190, 0, 0), face(0, 0, 99), face(0, 203, 0)])
    found = people.identify(strangers)
    assert [each.name for each in found] == ["Ann", None, "Bob"]
    assert found[2].distance == pytest.approx(9)
    assert people.identify(strangers[0]) == found[0]
    assert people.verify("Ann", face(195, 0, 0))
    assert not people.verify("Bob", face(195, 0, 0))
    with pytest.raises(ValueError, match="is that of 'Ann'"):
        people.add("Cleo", face(199, 0, 0))
    people.add("Cleo", face(199, 0, 0), force=True)


def test_nobody_is_on_no_image():
    people = recognizer()
    people.add("Ann", face(200, 0, 0))
    assert people.identify(np.zeros((0, 6, 4, 3))) == []


def test_wrong_images():
    people = recognizer()
    for shape in ((6, 4), (6, 5, 3), (6, 4, 1), (2, 3, 6, 4, 3)):
        with pytest.raises(ValueError, match=r"\(N, 6, 4, 3\).*resize_sample"):
            people.identify(np.zeros(shape))
    with pytest.raises(ValueError, match="empty gallery"):
        people.identify(face(1, 2, 3))


def test_another_models_gallery():
    model = recognizer().model
    with pytest.raises(ValueError, match=r"embeddings \(B, 4\)"):
        FaceRecognizer(model, Gallery(4, threshold=1.0))
    outputs = {"embedding": model.output}
    with pytest.raises(ValueError, match="face_embedder"):
        FaceRecognizer(
            keras.Model(model.input, outputs), Gallery(3, threshold=1.0)
        )
