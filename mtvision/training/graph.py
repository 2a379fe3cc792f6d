"""The graph of a functional model, split where its tasks part.

Keras shows the edges of a graph in its config only, where each tensor is
named by the operation that made it, the number of the call, and the number of
the tensor among those the call returned.
"""

import dataclasses

import keras


@dataclasses.dataclass(frozen=True)
class Tensor:
    """Name of a tensor of the graph."""

    operation: str
    call: int
    index: int

    @property
    def made_by(self):
        """Key of the call that makes it."""
        return self.operation, self.call


@dataclasses.dataclass
class Call:
    """One call of a layer or an operation, with tensors by name."""

    operation: object
    number: int
    args: list
    kwargs: dict

    @property
    def key(self):
        """Its operation's name and its number."""
        return self.operation.name, self.number

    @property
    def inputs(self):
        """Names of the tensors that the call takes."""
        leaves = keras.tree.flatten((self.args, self.kwargs))
        return [leaf for leaf in leaves if isinstance(leaf, Tensor)]

    def run(self, values):
        """Calls it on values by name, and adds what it returns to them."""

        def fill(leaf):
            return values[leaf] if isinstance(leaf, Tensor) else leaf

        args, kwargs = keras.tree.map_structure(fill, (self.args, self.kwargs))
        returned = keras.tree.flatten(self.operation(*args, **kwargs))
        for index, value in enumerate(returned):
            values[Tensor(self.operation.name, self.number, index)] = value


class Graph:
    """The calls of a functional model, split at the fork of its tasks.

    The trunk is what all tasks depend on; the forks are the tensors that
    leave it; the rest is what follows.

    Args:
        model: Functional `keras.Model` whose outputs are a dict by task.
        tasks: Names of the outputs that count.

    Attributes:
        forks: Names of the tensors at the forks.
        learns: For each, whether training changes it.
        trunk: The calls that make them.
        rest: The calls that follow.
    """

    def __init__(self, model, tasks):
        # Brings what the user gives into the order of the inputs.
        self.as_list = keras.Model(model.input, model.inputs)
        config = model.get_config()
        operations = {one.name: one for one in model.operations}
        self.inputs = [Tensor(*key) for key in _as_list(config["input_layers"])]
        self.outputs = {
            name: _output(operations[key[0]], *key[1:])
            for name, key in config["output_layers"].items()
        }
        self.calls = _in_order(_read_calls(config, operations), self.inputs)
        self._split(tasks)

    def run_trunk(self, inputs):
        """Runs what all tasks share.

        Args:
            inputs: What the model takes.

        Returns:
            List of the tensors at the forks.
        """
        values = self._read(inputs)
        for call in self.trunk:
            call.run(values)
        return [values[name] for name in self.forks]

    def run_rest(self, inputs, forks):
        """Runs what follows the forks.

        Args:
            inputs: As for `run_trunk`.
            forks: List of tensors, as `run_trunk` returns it.

        Returns:
            Dict of the model's outputs.
        """
        values = self._read(inputs)
        values.update(zip(self.forks, forks))
        for call in self.rest:
            call.run(values)
        return {name: values[key] for name, key in self.outputs.items()}

    def _read(self, inputs):
        """What the model takes, by the names of its inputs."""
        return dict(zip(self.inputs, keras.tree.flatten(self.as_list(inputs))))

    @property
    def trunk_variables(self):
        """The trainable variables that all tasks share."""
        return [v for v in self._trunk if v.trainable]

    @property
    def partly_shared_variables(self):
        """Those that several tasks share, but not all."""
        return [v for v in self._partly if v.trainable]

    @property
    def private_variables(self):
        """Those of one task."""
        return [v for v in self._private if v.trainable]

    @property
    def users(self):
        """Pairs of each variable and the set of the tasks that it serves."""
        return list(self._users.values())

    @property
    def owners(self):
        """For each of `private_variables` the name of its task, or `None`."""
        return [self._owners[id(v)] for v in self.private_variables]

    def _split(self, tasks):
        reached = _tasks_of_calls(self.calls, self.outputs, tasks)
        made = {
            call.key
            for call in self.calls
            if reached.get(call.key) == set(tasks)
        }
        made = _without_what_returns(self.calls, made)
        self.trunk = [call for call in self.calls if call.key in made]
        self.rest = [call for call in self.calls if call.key not in made]
        taken = [name for call in self.rest for name in call.inputs]
        taken += [self.outputs[name] for name in sorted(self.outputs)]
        self.forks = list(dict.fromkeys(n for n in taken if n.made_by in made))
        learning = _calls_that_learn(self.trunk)
        self.learns = [name.made_by in learning for name in self.forks]
        self._sort_variables(reached)

    def _sort_variables(self, reached):
        tasks = {}
        for call in self.calls:
            for variable in _variables_of(call):
                users = tasks.setdefault(id(variable), (variable, set()))[1]
                users |= reached.get(call.key, set())
        self._users = tasks
        trunk = {id(v) for call in self.trunk for v in _variables_of(call)}
        self._trunk, self._partly, self._private = [], [], []
        self._owners = {}
        for key, (variable, users) in tasks.items():
            if key in trunk:
                self._trunk.append(variable)
            elif len(users) > 1:
                self._partly.append(variable)
            else:
                self._private.append(variable)
                self._owners[key] = next(iter(users), None)


def inputs_of(model, attribute):
    """The inputs that only layers with an attribute read.

    Args:
        model: Functional `keras.Model`.
        attribute: Name of an attribute that is true of such layers:
            `takes_missing` if they know that a sample may lack the input, as
            `mtvision.layers.MaskMissing`; `takes_nan` if they clear NaN away,
            as those of proposals.

    Returns:
        Frozen set of names.
    """

    def suits(operation):
        return getattr(operation, attribute, False)

    operations = {one.name: one for one in model.operations}
    if not any(map(suits, operations.values())):
        return frozenset()
    readers = {}
    for call in _read_calls(model.get_config(), operations):
        for tensor in call.inputs:
            readers.setdefault(tensor.operation, []).append(call.operation)
    return frozenset(
        tensor.name
        for tensor in model.inputs
        if all(map(suits, readers.get(tensor.name, [None])))
    )


def _tasks_of_calls(calls, outputs, tasks):
    """Which tasks depend on each call."""
    reached = {}
    for name in tasks:
        reached.setdefault(outputs[name].made_by, set()).add(name)
    for call in reversed(calls):
        for tensor in call.inputs:
            before = reached.setdefault(tensor.made_by, set())
            before |= reached.get(call.key, set())
    return reached


def _without_what_returns(calls, made):
    """The calls of a trunk whose layers are not called after it again.

    Each task has gradients of its own at the variables of such a layer, so it
    belongs to what follows, with all that depends on it.
    """
    while True:
        later = {
            id(variable)
            for call in calls
            if call.key not in made
            for variable in _variables_of(call)
            if variable.trainable
        }
        keys = {call.key for call in calls} - made
        gone = {
            call.key
            for call in calls
            if any(id(v) in later for v in _variables_of(call))
            or any(name.made_by in keys for name in call.inputs)
        }
        if not made & gone:
            return made
        made = made - gone


def _calls_that_learn(trunk):
    """Those that training changes what they return."""
    learning = set()
    for call in trunk:
        if any(v.trainable for v in _variables_of(call)) or any(
            name.made_by in learning for name in call.inputs
        ):
            learning.add(call.key)
    return learning


def _read_calls(config, operations):
    return [
        Call(
            operations[one["name"]],
            number,
            _revive(node["args"]),
            _revive(_without_training(node["kwargs"])),
        )
        for one in config["layers"]
        for number, node in enumerate(one["inbound_nodes"])
    ]


def _output(operation, call, index):
    """Name of an output: here Keras counts the calls of a nested graph from
    1, as its own making is the first.
    """
    is_graph = isinstance(operation, keras.Model) and not isinstance(
        operation, keras.Sequential
    )
    if is_graph and hasattr(operation, "operations"):
        call -= 1
    return Tensor(operation.name, call, index)


def _without_training(kwargs):
    """As Keras, which has all layers train when the model does, or none."""
    return {name: v for name, v in kwargs.items() if name != "training"}


def _revive(template):
    """Arguments of a call from their config, with tensors by name."""
    if isinstance(template, dict) and "class_name" in template:
        if template["class_name"] == "__keras_tensor__":
            return Tensor(*template["config"]["keras_history"])
        return keras.saving.deserialize_keras_object(template)
    if isinstance(template, dict):
        return {name: _revive(value) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return type(template)(_revive(value) for value in template)
    return template


def _in_order(calls, inputs):
    """Each call after those that make what it takes."""
    made, ordered = {name.made_by for name in inputs}, []
    while calls:
        ready = [c for c in calls if all(t.made_by in made for t in c.inputs)]
        ordered += ready
        made |= {call.key for call in ready}
        done = {call.key for call in ready}
        calls = [call for call in calls if call.key not in done]
    return ordered


def _variables_of(call):
    return getattr(call.operation, "variables", [])


def _as_list(keys):
    """Names of tensors from a config: one, a list or a dict of them."""
    if isinstance(keys, dict):  # in the order of keras.tree.flatten
        keys = [keys[name] for name in sorted(keys)]
    return [keys] if isinstance(keys[0], str) else keys
