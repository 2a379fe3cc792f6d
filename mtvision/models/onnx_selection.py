"""How tf2onnx is to write the choice between two tensors."""

import functools


@functools.cache
def select_by_condition():
    """Makes tf2onnx write `where` of floats as ONNX's own.

    As it comes (1.17), it writes `condition * a + (1 - condition) * b`: NaN
    where the one that is not chosen is infinite or NaN, such as the score of
    what takes no part. Of integers and booleans that is exact, and stays.

    Holds for all that is converted later in this process.

    Example:

    >>> import importlib.util
    >>> if importlib.util.find_spec("tf2onnx"):
    ...     select_by_condition()
    """
    from onnx import TensorProto
    from tf2onnx.handler import tf_op
    from tf2onnx.onnx_opset.controlflow import Select

    @tf_op("SelectV2")
    class _SelectByCondition:
        @classmethod
        def version_9(cls, ctx, node, **kwargs):
            floats = TensorProto.FLOAT, TensorProto.DOUBLE
            if ctx.get_dtype(node.output[0]) in floats:
                node.type = "Where"
            else:
                Select.version_9(ctx, node, **kwargs)
