"""From images to names."""

import numpy as np

from mtvision.ops.arrays import as_array


class FaceRecognizer:
    """A model that makes embeddings, and a gallery that knows them.

    Args:
        model: `keras.Model` from images (B, H, W, 3), 0 to 255, to embeddings
            (B, D), as `mtvision.models.face_embedder` gives it.
        gallery: `Gallery` of the same size, of embeddings of this model.
        batch_size: Images that the model sees at a time.

    Raises:
        ValueError: If the model gives no embeddings of the gallery's size.

    Example:

    >>> image = keras.Input((8, 8, 3))
    >>> model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))
    >>> recognizer = FaceRecognizer(
    ...     model, mtv.recognition.Gallery(3, threshold=9.0)
    ... )
    >>> recognizer.add("Ann", np.full((8, 8, 3), 200))
    >>> recognizer.identify(np.full((8, 8, 3), 201)).name
    'Ann'
    >>> recognizer.verify("Ann", np.full((8, 8, 3), 100))
    False
    """

    def __init__(self, model, gallery, *, batch_size=32):
        given = model.output_shape
        if isinstance(getattr(model, "output", None), dict):
            given = sorted(model.output)
        if given[1:] != (gallery.size,):
            raise ValueError(
                f"Expected a model that gives embeddings (B, {gallery.size}), "
                f"as the gallery has; received one that gives {given}. Of a "
                "recipe's model take mtvision.models.face_embedder(model)."
            )
        self.model = model
        self.gallery = gallery
        self.batch_size = batch_size

    def embed(self, images):
        """Embeddings of images.

        Args:
            images: Array (N, H, W, 3).

        Returns:
            Array (N, D), float32.

        Raises:
            ValueError: If these are no images of the model's size.
        """
        images = as_array(images)
        expected = tuple(self.model.input_shape[1:])
        pairs = list(zip(images.shape[1:], expected))
        if images.ndim != 4 or any(n not in (m, None) for m, n in pairs):
            raise ValueError(
                f"Expected images (N, {', '.join(map(str, expected))}), "
                f"received the shape {images.shape}. Resize them as those of "
                "the training: mtvision.data.resize_sample."
            )
        if not len(images):
            return np.zeros((0, self.gallery.size), "float32")
        return self.model.predict(
            images.astype("float32"), batch_size=self.batch_size, verbose=0
        )

    def add(self, name, image, *, force=False):
        """Adds a person, or a further face of one, by one image.

        Args:
            name: Name of the person.
            image: Array (H, W, 3).
            force: As for `Gallery.add`.

        Raises:
            ValueError: As `embed` and `Gallery.add`.
        """
        self.gallery.add(name, self._embed_one(image), force=force)

    def identify(self, images):
        """Says who it is.

        Args:
            images: Array (H, W, 3) or (N, H, W, 3).

        Returns:
            `Match`, or a list of N of them.

        Raises:
            ValueError: As `embed` and `Gallery.identify`.
        """
        if np.ndim(images) == 3:
            return self.gallery.identify(self._embed_one(images))
        return self.gallery.identify(self.embed(images))

    def verify(self, name, image):
        """Says whether it is the person who is claimed.

        Args:
            name: Name of the person.
            image: Array (H, W, 3).

        Returns:
            Whether it is.

        Raises:
            ValueError: As `embed` and `Gallery.verify`.
        """
        return self.gallery.verify(name, self._embed_one(image))

    def _embed_one(self, image):
        return self.embed(as_array(image)[None])[0]
