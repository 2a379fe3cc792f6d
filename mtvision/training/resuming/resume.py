"""The callback that makes a training survive its process."""

import contextlib
import functools
import pathlib
import random
import warnings

import keras

from mtvision.ops.option_checks import require_count
from mtvision.training.resuming import (
    callback_state,
    facts,
    processes,
    save_files,
    training_state,
)
from mtvision.training.resuming.data_facts import data_facts, validation_facts
from mtvision.training.resuming.epoch_data import with_known_epochs
from mtvision.training.resuming.folder_lock import alone_in
from mtvision.training.resuming.signals import Signals


class Resume(keras.callbacks.Callback):
    """Lets a training go on where it was broken off, as if it never had been.

    Run the same command again, whatever has ended it, and `fit` goes on from
    the last file in `folder`: the weights, optimizer, seeds, balancing,
    metrics, history and data after the last step are bit by bit those of a
    training that was not broken off, on the same machine. A training that has
    finished stays finished; with more `epochs`, it goes on.

    A file replaces the one before as a whole, and holds a checksum: one that
    is cut off or altered is passed over, with a warning. If it cannot be
    written, a warning says so and the training goes on. Ctrl-C and SIGTERM
    save before they end the process, unless you have set handlers of your own;
    a second one ends it at once.

    Only for the `fit` of a `MultiTaskModel`, with arrays,
    `mtvision.data.Batches`, or a `keras.utils.PyDataset` that has a number
    `epoch` and a pure function `batch(epoch, step)`. What Keras would shuffle
    is shuffled by a seed of its own, which the files keep. It comes last
    among the callbacks, wherever it stands in their list. Of processes that
    train together each has one; the first reads and writes for all, and saves
    when a signal is sent to it.

    Files keep what Keras' `EarlyStopping`, `ReduceLROnPlateau` and
    `ModelCheckpoint` remember, and any callback with methods `get_state()`,
    to numbers, texts, arrays, lists and dicts of them, and `set_state(state)`.
    What others remember, and the generator of `keras.random` calls without a
    seed of their own, begin anew. In the epoch that was broken off, callbacks
    get its beginning once more, and count the batches from 0 again.

    Args:
        folder: Of the files, of one `fit` alone: one of a second `fit` needs
            its own.
        every: Steps from one file to the next. There is one after each epoch
            too, and one before the last step that a validation follows.
        keep: Number of files that are kept.

    Raises:
        ValueError: From `fit`, if the file is of another training, naming
            what differs (of the data, their size and the contents of the
            first and the last batch are compared), or has gone beyond `epochs`;
            if the data or a callback cannot go on; or if another training
            runs in the folder.

    Example:

    >>> import tempfile
    >>> def train(folder, epochs):
    ...     keras.utils.set_random_seed(0)
    ...     x = keras.Input((3,))
    ...     model = mtv.MultiTaskModel(x, {"a": keras.layers.Dense(1)(x)})
    ...     model.compile("adam", loss={"a": "mse"})
    ...     data = np.ones((8, 3)), {"a": np.ones((8, 1))}
    ...     return model.fit(
    ...         *data, epochs=epochs, callbacks=[Resume(folder)], verbose=0
    ...     ).history["loss"]
    >>> with tempfile.TemporaryDirectory() as a:
    ...     with tempfile.TemporaryDirectory() as b:
    ...         first = train(a, epochs=2)
    ...         train(a, epochs=3) == train(b, epochs=3)
    True
    """

    def __init__(self, folder, *, every=100, keep=3):
        super().__init__()
        require_count(every, 1, "every")
        require_count(keep, 1, "keep")
        self.folder = pathlib.Path(folder)
        self.every = every
        self.keep = keep
        self._finished = False
        self._facts = None

    @contextlib.contextmanager
    def session(self, model, given):
        """Prepares a `fit`, and watches over it.

        Args:
            model: The compiled `MultiTaskModel`.
            given: Dict of the arguments of `fit`; this callback is the last
                of its callbacks.

        Yields:
            Dict of the arguments with which to call Keras' `fit`.

        Raises:
            ValueError: As the class says.
        """
        if self._finished:
            raise ValueError(
                f"This Resume has finished a training in {self.folder}. Make "
                "another one, with a folder of its own, for a second fit."
            )
        callback_state.check_callbacks(given["callbacks"])
        self._signals, self._verbose = Signals(), given.get("verbose", "auto")
        self._writes = processes.is_first()
        with contextlib.ExitStack() as alone, contextlib.ExitStack() as quiet:
            self._quiet = quiet
            path, self._saved, self._seed = processes.from_first(
                functools.partial(self._open, alone)
            )
            given = self._prepare(model, given, path)
            try:
                with self._signals.noted():
                    yield given
            finally:
                self._facts = self._saved = None

    def _open(self, stack):
        """Reads the folder: the path of a file, what it holds, and a seed."""
        stack.enter_context(alone_in(self.folder))
        save_files.remove_parts(self.folder)
        path, saved, self._bad = save_files.read_newest(self.folder)
        if saved is None:
            return None, None, random.getrandbits(32)
        return str(path), saved, saved["seed"]

    def _prepare(self, model, given, path):
        saved = self._saved
        given, self._follow = with_known_epochs(given, self._seed)
        self._data = self._follow.data
        self._num_batches = self._data.num_batches
        self._validates = given.get("validation_data") is not None
        self._stateful = callback_state.with_memory(given["callbacks"])
        self._history = next(
            c
            for c in given["callbacks"]
            if isinstance(c, keras.callbacks.History)
        )
        training_state.build_optimizer(model)
        processes.check_whole([*model.variables, *model.optimizer.variables])
        # Of several processes each has other batches.
        of_data = processes.from_first(
            lambda: {
                "data": {
                    **data_facts(self._data.data),
                    "order of batches shuffled": self._data.seed is not None,
                },
                "validation": validation_facts(given),
            }
        )
        self._facts = facts.facts_of(model, of_data, self._stateful)
        self._epoch = given.get("initial_epoch", 0)
        if saved is None:
            return given
        epochs = given.get("epochs", 1)
        self._check_saved(path, epochs)
        self._epoch = saved["epoch"]
        self._tell(_described(saved, epochs, self._num_batches, path))
        # Without an epoch to go, Keras only does what it does at the end.
        first = epochs if saved["stopped"] else saved["epoch"]
        return {**given, "initial_epoch": first}

    def _check_saved(self, path, epochs):
        """Raises unless a file is of this training, and not beyond its end."""
        saved = self._saved
        facts.check_same(saved["facts"], self._facts, path)
        if saved["keras"] != keras.__version__:
            warnings.warn(
                f"{path} was written with Keras {saved['keras']}, this is "
                f"{keras.__version__}: the last bits may differ.",
                stacklevel=4,
            )
        if saved["epoch"] + (saved["step"] > 0) > epochs:
            raise ValueError(
                f"Expected more epochs than the {epochs} that were asked for: "
                f"{path} is of epoch {saved['epoch'] + 1}, step "
                f"{saved['step']}, and the weights after epoch {epochs} are "
                "gone. Ask for as many, or give another folder."
            )

    def on_train_begin(self, logs=None):
        """Gives the model, the callbacks and the history what was saved."""
        if self._facts is None:
            raise ValueError(
                "Resume works with the fit of a mtvision.MultiTaskModel, "
                f"received a {type(self.model).__name__}."
            )
        if self._saved is None:
            self._save(self._epoch, 0)
            return
        self._written_at = self._number(self._epoch, self._saved["step"])
        self._follow.start = self._saved["data_start"]
        self.model.epochs_trained = self._saved["epochs_trained"]
        self._history.epoch = self._saved["history"]["epoch"]
        self._history.history = self._saved["history"]["history"]
        callback_state.set_states(self._stateful, self._saved["callbacks"])
        training_state.set_variables(self.model, self._saved["variables"])
        training_state.set_random(self._saved["random"])

    def on_epoch_begin(self, epoch, logs=None):
        """Makes an epoch that was broken off begin where that was."""
        self._epoch = epoch
        if self._saved is None:
            return
        self._data.first_step = self._saved["step"]
        if not self._data.first_step:
            return
        # The other callbacks have begun the epoch a second time, and Keras has
        # reset the metrics.
        callback_state.set_states(self._stateful, self._saved["callbacks"])
        training_state.set_variables(self.model, self._saved["variables"])
        self._quiet.enter_context(warnings.catch_warnings())
        # So Keras takes the end of a shorter epoch.
        warnings.filterwarnings("ignore", "Your input ran out of data")

    def begin_step(self, batch):
        """Saves what the step before has left, if it is time.

        Before the other callbacks begin the step: they do so once, whether the
        training is broken off here or not.

        Args:
            batch: Its number, as Keras counts it.
        """
        step = self._data.first_step + batch
        if step >= self._num_batches:
            # The end of a shorter epoch, which TensorFlow would find within a
            # step, after it has moved the seeds.
            raise StopIteration
        self._set_random(step)
        asked = self._signals.received is not None
        number = self._number(self._epoch, step)
        ahead = step + self.model.steps_per_execution
        due = (
            asked
            or number - self._written_at >= self.every
            or (self._validates and ahead >= self._num_batches)
        )
        if step and due and number > self._written_at:
            self._save(self._epoch, step)
        if asked:
            self._leave()

    def on_test_batch_begin(self, batch, logs=None):
        """Leaves a validation when asked to: its one step is soon repeated."""
        if self._signals.received is not None:
            self._leave()

    def on_epoch_end(self, epoch, logs=None):
        """Saves the epoch."""
        self._quiet.close()
        self._data.first_step = 0
        self._save(epoch + 1, 0, stopped=bool(self.model.stop_training))
        if self._signals.received is not None:
            self._leave()

    def on_train_end(self, logs=None):
        """Remembers that this was all."""
        self._finished = True

    def _set_random(self, step):
        """Once the data are being read, as when the file was written."""
        if step == 0:
            training_state.seed_epoch(self._seed, self._epoch)
        elif self._saved is not None:
            training_state.set_random(self._saved["random"])
        self._saved = None

    def _save(self, epoch, step, stopped=False):
        number = self._number(epoch, step)
        self._written_at = number
        if not self._writes:
            return
        path = save_files.path_of(self.folder, number)
        try:
            save_files.write(path, self._state(epoch, step, stopped))
        except (OSError, TypeError) as error:
            warnings.warn(
                f"Step {number} is not saved in {self.folder}: {error}. The "
                "training goes on; what was saved before is as it was.",
                stacklevel=2,
            )
            return
        save_files.remove(bad for bad in self._bad if bad != path)
        self._bad = []
        save_files.remove(save_files.newest_first(self.folder)[self.keep :])

    def _state(self, epoch, step, stopped):
        return {
            "facts": self._facts,
            "keras": keras.__version__,
            "epoch": epoch,
            "step": step,
            "stopped": stopped,
            "seed": self._seed,
            "data_start": self._follow.start,
            "epochs_trained": self.model.epochs_trained,
            "history": {
                "epoch": self._history.epoch,
                "history": self._history.history,
            },
            "callbacks": callback_state.get_states(self._stateful),
            "random": training_state.get_random(),
            "variables": training_state.get_variables(self.model),
        }

    def _number(self, epoch, step):
        return epoch * self._num_batches + step

    def _leave(self):
        self._tell(f"The same command goes on from {self.folder}.")
        self._signals.leave()

    def _tell(self, text):
        if self._verbose != 0 and self._writes:
            print(text, flush=True)


class BeforeSteps(keras.callbacks.Callback):
    """Tells a `Resume`, the last of the callbacks, of a step before they begin.

    Args:
        resume: The `Resume`.
    """

    def __init__(self, resume):
        super().__init__()
        self.resume = resume

    def on_train_batch_begin(self, batch, logs=None):
        """Lets the `Resume` save."""
        self.resume.begin_step(batch)


def _described(saved, epochs, num_batches, path):
    """What becomes of a training that was saved."""
    epoch, step = saved["epoch"], saved["step"]
    if saved["stopped"]:
        return (
            f"This training was stopped after epoch {epoch} by a callback, as "
            f"{path} says, and stays so. Another folder begins anew."
        )
    if epoch >= epochs:
        return (
            f"This training has had its {epoch} epochs, as {path} says. More "
            "`epochs` go on; another folder begins anew."
        )
    return (
        f"Goes on at epoch {epoch + 1}, after step {step} of {num_batches}, "
        f"from {path}."
    )
