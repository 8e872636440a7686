"""A pretrained transformer as it is: found, checked, exported, served; the rung `embeddings`."""

from typing import Any

RUNGS = EMBEDDINGS, BERT = "embeddings", "bert"  # what takes one


def saved(detail: dict[str, Any]) -> str:
    """For the model card: what 8 bits saved and cost, where the model has them."""
    if not (found := detail["quantised"]):
        return ""
    (large, small), (before, after) = found["megabytes"], found["accuracy"]
    return (
        f", there in 32 bits\n- Quantised to 8 bits: {small:.0f} MB instead of {large:.0f}, "
        f"accuracy out of fold {after:.1%} instead of {before:.1%}"
    )
