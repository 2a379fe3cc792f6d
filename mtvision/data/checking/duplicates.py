"""Images that occur more than once."""

import hashlib

import numpy as np

from mtvision.data.checking import kinds
from mtvision.data.checking.finding import Finding


def digest_of(image):
    """16 bytes that two arrays have in common if they are equal.

    Example:

    >>> digest_of(np.zeros((2, 3))) == digest_of(np.zeros((3, 2)))
    False
    """
    head = f"{image.shape} {image.dtype}".encode()
    pixels = np.ascontiguousarray(image)
    digest = hashlib.blake2b(head, digest_size=16)
    digest.update(pixels)
    return digest.digest()


class Duplicates:
    """What images have been seen.

    Example:

    >>> seen = Duplicates()
    >>> seen.add("train", 0, b"pixels")
    []
    >>> seen.add("test", 5, b"pixels")[0].detail
    'the pixels of sample 0 of train'
    """

    def __init__(self):
        self._first = {}

    def add(self, split, index, digest):
        """Notes an image, and finds the first with the same pixels in this
        split and in each other split.
        """
        known = self._first.setdefault(digest, {})
        found = []
        for other, earlier in known.items():
            inside = other == split
            kind = kinds.DUPLICATE_INSIDE if inside else kinds.DUPLICATE_BETWEEN
            of = "" if inside else f" of {other}"
            detail = f"the pixels of sample {earlier}{of}"
            found.append(Finding(kind, "image", detail))
        known.setdefault(split, index)
        return found


def near_duplicates(hashes, distance):
    """Pairs of images that resemble one another.

    Args:
        hashes: Array (N,) uint64 of `near_hash`.
        distance: Largest number of bits in which they differ.

    Yields:
        For each image with an earlier neighbour: its index, the index of the
        nearest, and the number of bits.

    Example:

    >>> list(near_duplicates(np.array([0b11, 0, 0b111], "uint64"), 1))
    [(2, 0, 1)]
    """
    for index in range(1, len(hashes)):
        bits = np.bitwise_count(hashes[:index] ^ hashes[index])
        nearest = int(bits.argmin())
        if bits[nearest] <= distance:
            yield index, nearest, int(bits[nearest])
