"""Loads `examples/serve.py` on this machine, with batching and without.

    python benchmarks/serve.py
    python benchmarks/serve.py --model detector.onnx --seconds 20

Without `--model` it exports a RetinaNet with a `SmallResNet` for images of 128
pixels, random weights, 100 detections. Each client sends the same photograph
of 640 x 480 pixels, and waits for the answer before the next. Server and
clients share the machine. Prints requests a second, and the median and the
99th percentile of the time to the answer, of all rounds together.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import http.client
import io
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parents[1]
EXPORT = """
import sys, mtvision as mtv
model = mtv.models.RetinaNet(20, image_size=128, extra_levels=0, filters=64,
                             depth=2, trunk=mtv.trunks.SmallResNet())
mtv.models.export_model(mtv.models.retinanet_detector(model), sys.argv[1])
"""
CLIENTS = (1, 8, 32)
WARM = 20  # requests before the clock starts


def photograph():
    """A JPEG file of 640 x 480 pixels, neither smooth nor noise."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 255, (48, 64, 3)).astype("uint8")
    data = io.BytesIO()
    Image.fromarray(coarse).resize((640, 480)).save(data, "JPEG", quality=85)
    return data.getvalue()


@contextlib.contextmanager
def server(model, batch):
    """The port of a server, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = [sys.executable, ROOT / "examples" / "serve.py", model]
    options = ["--batch", str(batch), "--port", str(port)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*script, *options], **silent)
    try:
        wait_until_up(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_until_up(port, process):
    """Returns when the server answers."""
    while True:
        try:
            ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/health")
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit("The server has ended.") from None
            time.sleep(0.1)


def ask(connection, method, path, body=None):
    """Sends one request, which must be answered well."""
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {text[:200]}")


def one_client(port, image, end):
    """Milliseconds of each request until the end."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    while (start := time.perf_counter()) < end:
        ask(connection, "POST", "/predict", image)
        times.append(1000 * (time.perf_counter() - start))
    return times


def load(port, image, clients, seconds):
    """Milliseconds of the requests of some clients."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(WARM):
        ask(connection, "POST", "/predict", image)
    end = time.perf_counter() + seconds
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        jobs = [
            pool.submit(one_client, port, image, end) for _ in range(clients)
        ]
        return [each for job in jobs for each in job.result()]


def measure(model, given):
    """Milliseconds by batching and number of clients, in turns."""
    found = collections.defaultdict(list)
    image = photograph()
    for _ in range(given.rounds):
        for batching, batch in (("on", given.batch), ("off", 1)):
            with server(model, batch) as port:
                for clients in CLIENTS:
                    times = load(port, image, clients, given.seconds)
                    found[clients, batching] += times
    return found


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = given.model or pathlib.Path(folder, "detector.onnx")
        if given.model is None:
            command = [sys.executable, "-c", EXPORT, model]
            subprocess.run(command, check=True, cwd=ROOT)
        found = measure(model, given)
    print("| clients | batching | requests/s | median ms | p99 ms |")
    print("| --- | --- | --- | --- | --- |")
    for (clients, batching), times in sorted(found.items()):
        rate = len(times) / (given.seconds * given.rounds)
        median, last = np.percentile(times, [50, 99])
        cells = f"{rate:.0f} | {median:.1f} | {last:.1f}"
        print(f"| {clients} | {batching} | {cells} |")


if __name__ == "__main__":
    main()
