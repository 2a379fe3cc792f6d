"""The server answers, many at once, and refuses what is too much or bad."""

import concurrent.futures
import contextlib
import http.client
import importlib.util
import io
import json
import pathlib
import socket
import threading
import time

import keras
import numpy as np
import pytest
from PIL import Image

ROOT = pathlib.Path(__file__).parents[1]
for package in ("onnx", "onnxruntime", "starlette", "uvicorn"):
    pytest.importorskip(package)
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="it knows no backend"
)


def write_means(path, size=("rows", "columns")):
    """A model of the mean of each colour, and of the number of images."""
    from onnx import TensorProto, helper, save

    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2]),
        helper.make_node("Shape", ["image"], ["shape"]),
        helper.make_node("Gather", ["shape", "first"], ["number"]),
        helper.make_node("Cast", ["number"], ["batch"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["mean", "zero"], ["zeros"]),
        helper.make_node("Add", ["zeros", "batch"], ["batch_size"]),
    ]
    first = helper.make_tensor("first", TensorProto.INT64, [1], [0])
    zero = helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])
    shape = ["number", *size, 3]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 4)
        for name in ("mean", "batch_size")
    ]
    graph = helper.make_graph(
        nodes, "means", [image], outputs, initializer=[first, zero]
    )
    opset = helper.make_opsetid("", 15)
    save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


@pytest.fixture(scope="module")
def serve():
    """The example as a module."""
    path = ROOT / "examples" / "serve.py"
    spec = importlib.util.spec_from_file_location("serve", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def running(app):
    """The port of the application, which a thread runs."""
    import uvicorn

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}
        )
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def port(serve, tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "means.onnx"
    write_means(path, size=(8, 12))
    app = serve.make_app(path, batch=4, max_bytes=100_000)
    with running(app) as number:
        yield number


def ask(port, body=None, method="POST", path="/predict"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def image_file(values, kind="PNG"):
    data = io.BytesIO()
    Image.fromarray(np.asarray(values, "uint8")).save(data, kind)
    return data.getvalue()


def grey(value):
    return image_file(np.full((10, 30, 3), value))


def test_an_image_is_answered_by_name(port):
    status, text = ask(port, grey(40))
    assert status == 200
    found = json.loads(text)
    assert set(found) == {"mean", "batch_size"}
    assert np.ravel(found["mean"]).tolist() == [40, 40, 40]


@pytest.mark.parametrize("kind", ["L", "RGBA", "P", "1"])
def test_images_of_other_modes(port, kind):
    data = io.BytesIO()
    Image.new("RGB", (20, 9), (255, 255, 255)).convert(kind).save(data, "PNG")
    status, text = ask(port, data.getvalue())
    assert status == 200
    assert np.ravel(json.loads(text)["mean"]).tolist() == [255] * 3


def test_each_client_gets_its_own_answer(port):
    values = list(range(0, 240, 10))
    with concurrent.futures.ThreadPoolExecutor(len(values)) as pool:
        answers = list(pool.map(lambda value: ask(port, grey(value)), values))
    assert {status for status, _ in answers} == {200}
    found = [json.loads(text) for _, text in answers]
    assert [each["mean"][0][0][0] for each in found] == values
    sizes = np.ravel([each["batch_size"] for each in found])
    assert sizes.max() <= 4


@pytest.mark.parametrize(
    "body",
    [b"", b"no image", grey(3)[:60], b"<svg/>" * 50],
    ids=["empty", "text", "truncated", "svg"],
)
def test_bad_images(port, body):
    status, text = ask(port, body)
    assert status == 400
    assert text.startswith("Bad image: ")


@pytest.mark.parametrize("side", [6_000, 20_000])
def test_a_small_file_of_many_pixels(port, side):
    data = io.BytesIO()
    Image.new("1", (side, side)).save(data, "PNG")
    body = data.getvalue()
    assert len(body) < 100_000
    status, text = ask(port, body)
    assert (status, "pixels" in text) == (400, True)


def test_what_is_transparent_is_white(port):
    status, text = ask(port, image_file(np.zeros((8, 12, 4))))
    assert status == 200
    assert np.ravel(json.loads(text)["mean"])[0] == 255


def test_more_than_8_bits_are_refused(port):
    deep = Image.fromarray(np.full((8, 12), 1000, "uint16"))
    data = io.BytesIO()
    deep.save(data, "PNG")
    status, text = ask(port, data.getvalue())
    assert (status, "8 bits" in text) == (400, True)


def test_a_large_request(port):
    status, text = ask(port, iter([bytes(60_000), bytes(60_000)]))
    assert (status, text) == (413, "Over 100000 B")
    assert ask(port, grey(1))[0] == 200


def test_numbers_that_json_does_not_know(serve, tmp_path):
    from onnx import TensorProto, helper, save

    shape = [None, 4, 4, 3]
    image, root = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name in ("image", "root")
    )
    nodes = [
        helper.make_node("Neg", ["image"], ["less"]),
        helper.make_node("Sqrt", ["less"], ["root"]),
    ]
    graph = helper.make_graph(nodes, "roots", [image], [root])
    opset = helper.make_opsetid("", 15)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    save(model, tmp_path / "roots.onnx")
    bodies = [grey(value) for value in (0, 1, 0, 1, 0, 1)]
    with (
        running(serve.make_app(tmp_path / "roots.onnx")) as port,
        concurrent.futures.ThreadPoolExecutor(len(bodies)) as pool,
    ):
        answers = list(pool.map(lambda body: ask(port, body), bodies))
    assert [status for status, _ in answers] == [200, 500] * 3
    assert answers[1][1] == "The model gave NaN or inf"


def test_health_and_other_paths(port):
    status, text = ask(port, method="GET", path="/health")
    told = {"image_size": [8, 12], "outputs": ["mean", "batch_size"]}
    assert (status, json.loads(text)) == (200, told)
    assert ask(port, method="GET")[0] == 405
    assert ask(port, method="GET", path="/")[0] == 404


def test_a_slow_client(serve, tmp_path):
    write_means(tmp_path / "means.onnx")
    app = serve.make_app(tmp_path / "means.onnx", size=16, seconds=0.3)
    with running(app) as port:
        slow = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        slow.putrequest("POST", "/predict")
        slow.putheader("Content-Length", "100")
        slow.endheaders(b"some")
        answer = slow.getresponse()
        assert (answer.status, answer.read()) == (408, b"Over 0.3 s")
        assert ask(port, grey(1))[0] == 200


def test_too_many_at_a_time(serve, tmp_path):
    write_means(tmp_path / "means.onnx")
    app = serve.make_app(tmp_path / "means.onnx", size=16, waiting=1)
    with running(app) as port:
        half = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body = grey(5)
        half.putrequest("POST", "/predict")
        half.putheader("Content-Length", str(len(body)))
        half.endheaders(body[:20])  # this client holds the only place
        statuses = set()
        while 503 not in statuses:
            statuses.add(ask(port, grey(1))[0])
        half.send(body[20:])
        answer = half.getresponse()
        assert answer.status == 200
        assert np.ravel(json.loads(answer.read())["mean"])[0] == 5
        assert ask(port, grey(1))[0] == 200
    assert statuses <= {200, 503}
