"""Serves an exported model over HTTP: an image in, JSON by task out.

    pip install -e ".[serve]" && python examples/serve.py detector.onnx
    curl --data-binary @photo.jpg http://127.0.0.1:8000/predict

`mtv.models.export_model` writes such files. Images are stretched to the size
that `/health` tells, in whose pixels boxes are. Outside, put a proxy before it.
"""

import argparse
import asyncio
import io

import numpy as np
import onnxruntime
import uvicorn
from PIL import Image, UnidentifiedImageError
from starlette import applications, exceptions, requests, responses

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")


def read_image(data, size, max_pixels=30_000_000):
    """An array (H, W, 3) of an image file, or the error 400."""
    try:
        # Reads no pixels yet; files of icons would.
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > max_pixels:
                raise ValueError(f"more than {max_pixels} pixels")
            if image.mode.startswith(("I", "F")):
                raise ValueError(f"8 bits a channel expected, not {image.mode}")
            if image.has_transparency_data:  # white behind it, as in training
                image = image.convert("RGBA")
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image)
            image = image.convert("RGB").resize(size[::-1], Image.BILINEAR)
            return np.asarray(image, "float32")
    except UnidentifiedImageError:  # which names a place in memory
        text = f"Bad image: not of {FORMATS}"
        raise exceptions.HTTPException(400, text) from None
    except Exception as error:  # whatever the reader of a format raises
        raise exceptions.HTTPException(400, f"Bad image: {error}") from error


async def read_body(request, max_bytes, seconds):
    """The bytes of a request, or the errors 413 and 408."""
    data = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                data += chunk
                if len(data) > max_bytes:
                    raise exceptions.HTTPException(413, f"Over {max_bytes} B")
    except TimeoutError:
        raise exceptions.HTTPException(408, f"Over {seconds} s") from None
    except requests.ClientDisconnect:  # which nobody will read
        raise exceptions.HTTPException(400, "Broken off") from None
    return data


def make_app(
    path, *, size=512, batch=16, waiting=64, max_bytes=10_000_000, seconds=30
):
    """The application; `size` is for models of images of any size."""
    model = onnxruntime.InferenceSession(path)
    image, names = model.get_inputs()[0], [x.name for x in model.get_outputs()]
    size = [n if isinstance(n, int) else size for n in image.shape[1:3]]
    slots, reading = asyncio.Semaphore(waiting), asyncio.Semaphore(2)
    turn, jobs = asyncio.Lock(), {}

    async def run_batch():
        some = {answer: jobs.pop(answer) for answer in list(jobs)[:batch]}
        x = {image.name: np.stack(list(some.values()))}
        try:
            values = await asyncio.to_thread(model.run, names, x)
        except Exception as error:  # whatever the runtime raises
            for answer in some:
                answer.set_exception(error)
            return
        for answer, row in zip(some, zip(*values)):
            answer.set_result(dict(zip(names, row)))

    async def predict(request):
        if slots.locked():
            raise exceptions.HTTPException(503, "Busy: try again later")
        async with slots:
            data = await read_body(request, max_bytes, seconds)
            async with reading:
                pixels = await asyncio.to_thread(read_image, data, size)
            jobs[answer := asyncio.Future()] = pixels
            async with turn:  # who waits meanwhile is in the next batch
                while not answer.done():
                    await run_batch()
        found = answer.result()
        if not all(np.isfinite(x).all() for x in found.values()):
            raise exceptions.HTTPException(500, "The model gave NaN or inf")
        return responses.JSONResponse({k: x.tolist() for k, x in found.items()})

    told = {"image_size": size, "outputs": names}
    app = applications.Starlette()
    app.add_route("/predict", predict, methods=["POST"])
    app.add_route("/health", lambda request: responses.JSONResponse(told))
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", help="an .onnx file")
    parser.add_argument("--batch", type=int, default=16, help="at most")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    uvicorn.run(make_app(given.path, batch=given.batch), port=given.port)
