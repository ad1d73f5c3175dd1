"""Writes a checkpoint as a Hugging Face Llama folder: model.safetensors (fp32), config.json, tokenizer files.

    python3 export.py CHECKPOINT FOLDER
"""

from __future__ import annotations

import json
import pathlib
import struct
import sys

import torch

import tokenizer
from model import Decoder, ModelConfig


def tensors(model: Decoder) -> dict[str, torch.Tensor]:
    named = {"model.embed_tokens.weight": model.embedding.weight, "model.norm.weight": model.norm.weight}
    for index, block in enumerate(model.blocks):
        prefix = f"model.layers.{index}."
        named[prefix + "input_layernorm.weight"] = block.input_norm.weight
        named[prefix + "post_attention_layernorm.weight"] = block.post_norm.weight
        for name in "qkvo":
            named[f"{prefix}self_attn.{name}_proj.weight"] = getattr(block, name).weight
        for name in ("gate", "up", "down"):
            named[f"{prefix}mlp.{name}_proj.weight"] = getattr(block, name).weight
    return {k: v.detach().float().contiguous() for k, v in named.items()}


def write_safetensors(path: pathlib.Path, named: dict[str, torch.Tensor]) -> None:
    """Length of the header (8 bytes), the header as JSON, the raw little-endian data."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in named.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in named.values():
            file.write(tensor.numpy().astype("<f4").tobytes())


def llama_config(c: ModelConfig) -> dict:
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "hidden_size": c.hidden, "intermediate_size": c.feed_forward, "num_hidden_layers": c.layers,
        "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads, "head_dim": c.head_size,
        "max_position_embeddings": c.context, "rms_norm_eps": c.norm_epsilon, "rope_theta": c.rope_theta,
        "rope_scaling": None, "attention_bias": False, "mlp_bias": False, "tie_word_embeddings": True,
        "vocab_size": c.vocabulary, "bos_token_id": None, "eos_token_id": tokenizer.END,
        "pad_token_id": tokenizer.PAD, "torch_dtype": "float32", "use_cache": True}


def export(model: Decoder, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", tensors(model))
    (folder / "config.json").write_text(json.dumps(llama_config(model.config), indent=2) + "\n")
    tokenizer.write(folder, model.config.context)


def load(path: str) -> Decoder:
    checkpoint = torch.load(path, map_location="cpu")
    model = Decoder(ModelConfig(**checkpoint["config"]))
    model.load_state_dict(checkpoint["model"])
    return model


if __name__ == "__main__":
    export(load(sys.argv[1]), pathlib.Path(sys.argv[2]))
