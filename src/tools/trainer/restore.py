"""Makes a checkpoint of a served model, so that training goes on from the committed weights.

    python3 restore.py MODEL.onnx CHECKPOINT

The optimizers begin anew: they are not part of a served model. Needs the `onnx` package (Debian: python3-onnx).
"""

from __future__ import annotations

import sys

import onnx
import torch
from onnx import numpy_helper

from model import Decoder, ModelConfig


def shape_of(arrays: dict[str, torch.Tensor]) -> ModelConfig:
    """The sizes that the matrices tell; the rest is as in every model of this folder."""
    vocabulary, hidden = arrays["model.embed_tokens.weight"].shape
    head = ModelConfig.head_size
    heads = arrays["model.layers.0.self_attn.o_proj.weight"].shape[0] // head
    fused = next(value for name, value in arrays.items() if name.startswith("model.layers.0.self_attn.q_proj.weight+"))
    return ModelConfig(vocabulary, hidden, layers=sum(name.endswith("input_layernorm.weight") for name in arrays), heads=heads,
                       kv_heads=(fused.shape[1] // head - heads) // 2, feed_forward=arrays["model.layers.0.mlp.gate_proj.weight"].shape[1])


def restore(path: str) -> Decoder:
    """The weights of a graph that Cluster.ModelBuilder made; its matrices stand transposed, q, k and v side by side."""
    arrays = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(path).graph.initializer}
    embedding = arrays["model.embed_tokens.weight"]
    config = shape_of(arrays)
    model = Decoder(config)
    state = {"embedding.weight": embedding, "norm.weight": arrays["model.norm.weight"]}
    sizes = [config.heads * config.head_size, config.kv_heads * config.head_size, config.kv_heads * config.head_size]
    for index in range(config.layers):
        source, target = f"model.layers.{index}.", f"blocks.{index}."
        state[target + "input_norm.weight"] = arrays[source + "input_layernorm.weight"]
        state[target + "post_norm.weight"] = arrays[source + "post_attention_layernorm.weight"]
        fused = "+".join(f"{source}self_attn.{name}_proj.weight" for name in "qkv")
        for name, part in zip("qkv", arrays[fused].split(sizes, dim=1)):
            state[f"{target}{name}.weight"] = part.t().contiguous()
        state[target + "o.weight"] = arrays[source + "self_attn.o_proj.weight"].t().contiguous()
        for name in ("gate", "up", "down"):
            state[f"{target}{name}.weight"] = arrays[f"{source}mlp.{name}_proj.weight"].t().contiguous()
    model.load_state_dict(state)
    return model


if __name__ == "__main__":
    restored = restore(sys.argv[1])
    weights = restored.state_dict()
    torch.save({"config": restored.config.to_dict(), "model": weights, "raw": weights}, sys.argv[2])
