import numpy as np

from mtvision.data import DrawnFaces


def test_a_picture_is_a_function_of_seed_split_and_place():
    def made(split="train", index=5, **options):
        options = {"num_people": 4, "images_per_person": 2, **options}
        return DrawnFaces(split, image_size=32, **options)[index]["image"]

    first = made()
    assert (made() == first).all()
    # More people, or pictures without a face, change nothing of the others.
    assert (made(num_people=9) == first).all()
    for other in (made("test"), made(index=4), made(seed=1)):
        assert np.abs(other - first.astype(float)).mean() > 5
