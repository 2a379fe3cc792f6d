"""A query of a gallery against scikit-learn's search, and that of faiss.

    python benchmarks/gallery_search.py
    python benchmarks/gallery_search.py --faces 1000000

All look at every face. `Gallery` does it by one product of numpy, which is
BLAS (OpenBLAS in numpy's wheels), on float32; they find the same faces.
Prints the milliseconds of a query, one at a time: the least and the median,
and the median's ratio. faiss takes part if it is installed.
"""

import argparse
import statistics
import time

import numpy as np
from sklearn.neighbors import NearestNeighbors

from mtvision.recognition import Gallery

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--faces", type=int, default=100_000)
parser.add_argument("--size", type=int, default=128)
parser.add_argument("--queries", type=int, default=50)
given = parser.parse_args()


def peers(rows):
    """Searches by name: functions from a query to the number of a row."""
    brute = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(rows)
    yield (
        "scikit-learn",
        lambda query: int(brute.kneighbors(query[None])[1][0, 0]),
    )
    try:
        import faiss
    except ImportError:
        return
    index = faiss.IndexFlatL2(given.size)
    index.add(rows)
    yield "faiss", lambda query: int(index.search(query[None], 1)[1][0, 0])


def main():
    """Runs and prints the table."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(given.faces, given.size)).astype("float32")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    gallery = Gallery(given.size, threshold=1.0)
    for number, row in enumerate(rows):
        gallery.add(str(number), row, force=True)
    searches = {"Gallery": lambda x: int(gallery.identify(x).nearest)}
    searches |= dict(peers(rows))
    noise = rng.normal(size=(given.queries, given.size)) / 100
    queries = rows[: given.queries] + noise.astype("float32")
    times = {name: [] for name in searches}
    for number, query in enumerate(queries):
        for name, search in searches.items():
            start = time.perf_counter()
            found = search(query)
            times[name].append(1000 * (time.perf_counter() - start))
            if found != number:
                raise RuntimeError(f"{name} found {found}, not {number}.")
    own = statistics.median(times["Gallery"])
    print(f"{given.faces} faces of {given.size} numbers")
    print("| search | least ms | median ms | ratio |\n" + "| --- " * 4 + "|")
    for name, values in times.items():
        least, median = min(values), statistics.median(values)
        ratio = median / own
        print(f"| {name} | {least:.1f} | {median:.1f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
