"""A transformer as one ONNX file in 8 bits: encoder, pooling and logistic layer."""

import logging
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, helper, load, numpy_helper

from ..kit import ModelError
from .serving import Array, BertScorer, encode

TOLERANCE = 1e-4  # largest difference in a value of an embedding, whose length is 1
PROBES = 50  # reviews on which an export is checked, and timed one at a time


def to_onnx(encoder: Any, tokenizer: Any, texts: list[str]) -> ModelProto:
    """The encoder: ``input_ids`` and ``attention_mask`` (n, tokens) in, embeddings (n, size) out.

    The tokenizer lies in the file's own metadata, so that one checksum covers both. A ModelError
    says that the export gives other embeddings of ``texts``.
    """
    import torch

    tokens = {k: torch.as_tensor(v) for k, v in encode(tokenizer, texts[:PROBES]).items()}
    shape = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # else it warns of what is not used
    with warnings.catch_warnings(action="ignore", category=FutureWarning), torch.no_grad():
        expected = encoder.eval()(**tokens).numpy()
        program = torch.onnx.export(
            encoder,
            tuple(tokens.values()),
            input_names=list(tokens),
            output_names=["text_embedding"],
            dynamic_shapes=dict.fromkeys(tokens, shape),
            dynamo=True,  # the older exporter gave wrong numbers without an error
            verbose=False,
        )
    assert program is not None, "dynamo=True returns the program"
    model: ModelProto = program.model_proto
    model.metadata_props.add(key="tokenizer", value=tokenizer.to_str())
    # Which keeps onnxruntime from asking for what the exporter has done.
    model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    if not np.allclose(scorer(model).outputs(texts[:PROBES]), expected, atol=TOLERANCE):
        raise ModelError(
            "the exported transformer gives other embeddings than the trained one. Take another "
            "checkpoint, or leave it out of `models`, and please report it."
        )
    return model


def quantise(model: ModelProto) -> ModelProto:
    """The same with its weights in 8 bits, a quarter of the size; sums are made of integers."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    how = {"op_types_to_quantize": ["MatMul", "Gather"], "weight_type": QuantType.QInt8}
    # By 7 bits, as older processors add two products in 16, which 8 would overflow.
    how |= {"per_channel": True, "reduce_range": True}
    with TemporaryDirectory() as folder:
        quantize_dynamic(model, Path(folder) / "model.onnx", **how)
        return load(Path(folder) / "model.onnx")


def with_layer(model: ModelProto, coefficients: Array, intercept: float) -> ModelProto:
    """The model with a logistic layer behind what it says, (n, size): log-odds (n, 1) come out."""
    whole = ModelProto()
    whole.CopyFrom(model)
    out = whole.graph.output[0]
    inside = [out.name, f"weights of {out.name}", f"shift of {out.name}"]
    for name, value in zip(inside[1:], (coefficients[:, None], [intercept]), strict=True):
        constant = numpy_helper.from_array(np.asarray(value, np.float32), name)
        whole.graph.initializer.append(constant)
    log_odds = f"log-odds by {out.name}"
    whole.graph.node.append(helper.make_node("Gemm", inside, [log_odds]))
    out.CopyFrom(helper.make_tensor_value_info(log_odds, TensorProto.FLOAT, ["n", 1]))
    return whole


def scorer(model: ModelProto) -> BertScorer:
    """What serves the model, in one thread as the server does."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return BertScorer(onnxruntime.InferenceSession(model.SerializeToString(), options))
