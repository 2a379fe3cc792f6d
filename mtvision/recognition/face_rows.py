"""Embeddings of faces by their owners, searched by one matrix product."""

import numpy as np

# Relative error of a squared distance by a product in float32, with room.
_ROUNDING = 1e-4


class FaceRows:
    """Rows of a matrix, each the embedding of a person's face.

    Args:
        size: D, numbers of an embedding.

    Attributes:
        people: Dict from name to the numbers of its rows.

    Example:

    >>> faces = FaceRows(2)
    >>> faces.append("Ann", np.float32([1, 0]))
    >>> faces.append("Bob", np.float32([0, 1]))
    >>> faces.nearest(np.float32([0, 3]))
    ('Bob', 4.0)
    """

    def __init__(self, size):
        self.people = {}
        self._owners = []
        # Larger than needed, so that a row more does not copy all.
        self._rows = np.zeros((8, size), "float32")
        self._squares = np.zeros(8, "float32")

    def __len__(self):
        return len(self._owners)

    @property
    def rows(self):
        """Array (N, D), float32."""
        return self._rows[: len(self)]

    def append(self, name, row):
        """Adds a row.

        Args:
            name: Its owner.
            row: Array (D,), float32.
        """
        number = len(self)
        if number == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._squares = np.resize(self._squares, 2 * number)
        self._rows[number] = row
        self._squares[number] = row @ row
        self._owners.append(name)
        self.people.setdefault(name, []).append(number)

    def remove(self, name):
        """Removes the rows of a person.

        Args:
            name: The owner.
        """
        kept = [k for k, owner in enumerate(self._owners) if owner != name]
        owners, rows = [self._owners[k] for k in kept], self.rows[kept]
        names = [each for each in self.people if each != name]
        places = {each: k for k, each in enumerate(names)}
        self.fill(names, [places[owner] for owner in owners], rows)

    def fill(self, names, owners, rows):
        """Replaces everything.

        Args:
            names: Sequence of the people.
            owners: Numbers of the rows' owners among them, (N,).
            rows: Array (N, D).
        """
        self.people = {str(name): [] for name in names}
        names = list(self.people)
        self._owners = [names[k] for k in owners]
        for number, name in enumerate(self._owners):
            self.people[name].append(number)
        room = max(len(self._owners), 8)
        self._rows = np.zeros((room, self._rows.shape[1]), "float32")
        self._rows[: len(rows)] = rows
        self._squares = np.einsum("nd,nd->n", self._rows, self._rows)

    def fields(self):
        """Returns what `fill` takes, as a dict of arrays."""
        places = {name: k for k, name in enumerate(self.people)}
        owners = [places[name] for name in self._owners]
        return {
            "names": np.array(list(self.people), "str"),
            "owners": np.array(owners, "int64"),
            "rows": self.rows,
        }

    def distance(self, name, row):
        """The squared distance to the nearest row of a person.

        Args:
            name: The person.
            row: Array (D,).

        Returns:
            Float.
        """
        return float(self._exact(self.people[name], row).min())

    def nearest(self, row, *, without=None):
        """The owner of the nearest row, and its squared distance.

        All rows are compared by a product of the matrix and the vector; those
        that may be nearest but for its rounding, once more without it.

        Args:
            row: Array (D,), float32.
            without: A person to leave out.

        Returns:
            `(name, distance)`; `(None, inf)` if there is nobody.
        """
        squares = self._squares[: len(self)]
        distances = squares - 2 * (self.rows @ row)
        distances[self.people.get(without, [])] = np.inf
        if not np.isfinite(distances).any():
            return None, float("inf")
        least = int(np.argmin(distances))
        room = _ROUNDING * (float(row @ row) + float(squares[least]))
        near = np.flatnonzero(distances <= distances[least] + room)
        exact = self._exact(near, row)
        best = int(np.argmin(exact))
        return self._owners[near[best]], float(exact[best])

    def _exact(self, numbers, row):
        gaps = self.rows[numbers].astype("float64") - row
        return np.square(gaps).sum(axis=1)
