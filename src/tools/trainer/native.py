"""Loss and gradients by hand-written C++ (native/), several times faster than PyTorch on a processor with AVX-512 BF16.

The library is compiled on first use, into the folder of temporary files. Where there is no g++ or no such processor `load` says why
and returns nothing, and training goes on with PyTorch.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import pathlib
import subprocess
import tempfile

import numpy as np
import torch

SOURCES = pathlib.Path(__file__).parent / "native"
COMMAND = ["g++", "-O3", "-march=native", "-std=c++17", "-fno-strict-aliasing", "-fno-math-errno", "-shared", "-fPIC"]
TOKENS_MAX = 1024  # of one row, as in attention.h
VECTOR, PANEL, HEAD = 16, 64, 32

pointer = ctypes.c_void_p


def load() -> ctypes.CDLL | None:
    try:
        flags = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        flags = ""
    if "avx512_bf16" not in flags:
        print("no AVX-512 BF16 here: gradients by PyTorch", flush=True)
        return None
    text = b"".join(path.read_bytes() for path in sorted(SOURCES.iterdir())) + " ".join(COMMAND).encode()
    library = pathlib.Path(tempfile.gettempdir()) / f"cluster-trainer-{os.getuid()}-{hashlib.sha256(text + flags.encode()).hexdigest()[:16]}.so"
    if not library.exists():
        made = library.with_suffix(f".{os.getpid()}.new")
        try:
            subprocess.run([*COMMAND, "-o", made, *SOURCES.glob("*.cpp")], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"no native gradients: {getattr(error, 'stderr', None) or error}", flush=True)
            return None
        made.rename(library)
    lib = ctypes.CDLL(str(library))
    lib.decoder_new.restype = pointer
    lib.decoder_gradient.restype = ctypes.c_double
    return lib


def address(array: np.ndarray | torch.Tensor) -> ctypes.c_void_p:
    return pointer(array.data_ptr() if isinstance(array, torch.Tensor) else array.ctypes.data)


class NativeDecoder:
    """Gradients of one process; weights and gradients are flat fp32 tensors in the order of model.parameters()."""

    def __init__(self, lib: ctypes.CDLL, config) -> None:
        if config.head_size != HEAD or any(size % PANEL for size in (config.hidden, config.feed_forward, config.heads * HEAD, config.kv_heads * HEAD)):
            raise ValueError(f"native gradients need heads of {HEAD} and sizes that {PANEL} divides: {config}")
        self.lib = lib
        sizes = np.asarray([config.vocabulary, config.hidden, config.layers, config.heads, config.kv_heads, config.feed_forward, config.context], np.int32)
        self.handle = pointer(lib.decoder_new(address(sizes), ctypes.c_float(config.rope_theta), ctypes.c_float(config.norm_epsilon)))

    def pack(self, weights: torch.Tensor) -> None:
        """Must follow every change of the weights."""
        self.lib.decoder_pack(self.handle, address(weights))

    def gradient(self, batch, classes: np.ndarray, wanted: np.ndarray, gradients: torch.Tensor) -> float:
        """Adds to the gradients; returns the sum of weighted losses. `wanted` are places in `classes`."""
        if batch.lengths.max() > TOKENS_MAX:
            raise ValueError(f"a row of {batch.lengths.max()} tokens; native gradients take {TOKENS_MAX}")
        return self.lib.decoder_gradient(self.handle, *map(address, (batch.ids, batch.positions)), len(batch.lengths), *map(
            address, (batch.lengths, batch.answers, wanted, batch.weights, classes)), len(classes), address(gradients))
