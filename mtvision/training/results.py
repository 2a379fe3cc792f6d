"""What a model reaches, beside what a constant prediction reaches."""

import keras
import numpy as np

from mtvision.training.compiled_tasks import CompiledTasks


def compare_with_constants(model, data, constants, *, verbose=1):
    """Measures a model and constant predictions by the same metrics.

    A task is learned only if the model beats the best answer that does not
    look at the image.

    Args:
        model: A compiled `MultiTaskModel`.
        data: Sequence, `keras.utils.PyDataset` or `tf.data.Dataset` of
            batches `(inputs, truths, sample_weights)`.
        constants: Dict of one prediction by task, an array of the shape of
            one output without its batch axis, which may be 1 where the output
            is larger; see `mtvision.tasks.constant_classification`.
        verbose: 1 for a progress bar, 0 for none.

    Returns:
        List of rows: dicts of `task`, `metric`, `model` and `constant`.

    Example:

    >>> x = keras.Input((2,))
    >>> model = mtv.MultiTaskModel(x, {"y": keras.layers.Dense(1)(x)})
    >>> model.compile(loss={"y": "mse"}, metrics={"y": "mae"})
    >>> data = [(np.ones((4, 2)), {"y": np.ones((4, 1))}, {"y": np.ones(4)})]
    >>> constants = {"y": np.array([3.0])}
    >>> row, = compare_with_constants(model, data, constants, verbose=0)
    >>> row["task"], row["metric"], row["constant"]
    ('y', 'mae', 2.0)
    """
    learned, trivial = _fresh_tasks(model), _fresh_tasks(model)
    measured = {metric.task for metric in learned.metrics}
    lacking = sorted(measured - set(constants))
    if lacking or not measured:
        raise ValueError(
            "Expected at least one metric in `compile`, and a constant for "
            f"every task that has one; the tasks {lacking} lack theirs, the "
            f"constants are for {sorted(constants)}."
        )
    bar = keras.utils.Progbar(len(data), verbose=verbose)
    for step, batch in enumerate(_batches(data)):
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
        predictions = model.predict_on_batch(x)
        learned.update_metrics(y, predictions, weights)
        same = {
            name: np.broadcast_to(constants[name], predictions[name].shape)
            for name in measured
        }
        trivial.update_metrics(y, same, weights)
        bar.update(step + 1)
    return [
        {"task": task, "metric": name, "model": value, "constant": other}
        for (task, name, value), (_, _, other) in zip(
            _results(learned), _results(trivial)
        )
    ]


def format_table(rows):
    """Lays rows out as a table of text.

    Args:
        rows: List of dicts with the same keys; floats get three decimals.

    Returns:
        String of lines, in the form of a Markdown table.

    Example:

    >>> print(format_table([{"task": "digit", "model": 0.91}]))
    | task  | model |
    | ----- | ----- |
    | digit | 0.910 |
    """
    columns = list(rows[0])
    cells = [columns, *([_text(row[c]) for c in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths)) + " |"
        for line in cells
    )


def _batches(data):
    if not hasattr(data, "__getitem__"):
        return iter(data)
    return (data[step] for step in range(len(data)))


def _fresh_tasks(model):
    """The model's losses and metrics again, without their state."""
    config = model.get_compile_config()
    names = ("loss", "loss_weights", "metrics", "weighted_metrics")
    arguments = keras.saving.deserialize_keras_object(
        {name: config[name] for name in names}
    )
    outputs = {name: model.output[name] for name in model.task_names}
    return CompiledTasks(outputs, **arguments)


def _results(tasks):
    for metric in tasks.metrics:
        result = metric.result()
        if not isinstance(result, dict):
            result = {metric.name: result}
        for name, value in result.items():
            yield (
                metric.task,
                name.removeprefix(f"{metric.task}_"),
                float(value),
            )


def _text(value):
    is_float = isinstance(value, float | np.floating)
    return f"{value:.3f}" if is_float else str(value)
