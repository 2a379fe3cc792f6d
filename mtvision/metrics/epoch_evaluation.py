"""What the evaluations at the ends of epochs have in common."""

import warnings

import keras

from mtvision.ops.option_checks import require_count


class EpochEvaluation(keras.callbacks.Callback):
    """Evaluates at the end of each epoch of `fit`, into the logs.

    Args:
        evaluated: `keras.Model` that is evaluated; it shares the layers of
            the model in training.
        prefix: What the names in the logs begin with.
        every: Number of epochs from one evaluation to the next.

    Raises:
        ValueError: If `every` is no positive number.
    """

    def __init__(self, evaluated, *, prefix, every):
        super().__init__()
        require_count(every, 1, "every")
        self.evaluated = evaluated
        self.prefix = prefix
        self.every = every

    def evaluate(self):
        """Evaluates the model as it is now.

        Returns:
            Dict from name, without the prefix, to score.
        """
        raise NotImplementedError

    def is_due(self, epoch):
        """Whether it evaluates at the end of an epoch, counted from 0."""
        return (epoch + 1) % self.every == 0

    def on_train_begin(self, logs=None):
        """Warns if the training cannot change the scores."""
        trained = {id(variable) for variable in self.model.variables}
        if not trained & {id(v) for v in self.evaluated.variables}:
            warnings.warn(
                f"What {type(self).__name__} evaluates shares no layer with "
                "the model in training, so that its scores will not change. "
                "Make it of the model's inputs and outputs: "
                "keras.Model(model.input, decode(...)).",
                stacklevel=2,
            )

    def on_epoch_end(self, epoch, logs=None):
        """Evaluates, and adds the scores to the logs."""
        if not self.is_due(epoch):
            return
        logs = {} if logs is None else logs
        for name, score in self.evaluate().items():
            if self.prefix + name in logs:
                raise ValueError(
                    f"The logs have {self.prefix + name!r} already. Give each "
                    f"{type(self).__name__} its own `prefix`."
                )
            logs[self.prefix + name] = score
