"""Machine code of a compiled function, from its LLVM text that was made beforehand.

Loading Numba takes half a second, and typing the rules half a minute. The text that Numba makes of
them is kept here (`sim.native.make`), so that a first run has only to turn it into code for its
processor, which takes two seconds, and later runs load that.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import json
import lzma
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.identity import source_of
from sim.native.arguments import fingerprint, words
from sim.paths import cache_root
from sim.sealed import read_sealed, write_sealed

FOLDER = Path(__file__).parent / "made"
"""Where the text of each function lies, with a description."""
OWN_SETTINGS = (
    "NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK", "NUMBA_OPT", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES",
    "NUMBA_DEBUGINFO",
)  # fmt: skip
"""Settings by which a user asks for code that Numba makes in another way."""
_FINE = (0, -2)
"""What a function of Numba's returns if nothing went wrong; -2 stands for None."""
_lock = threading.Lock()


class Machine:
    """The processor, as LLVM knows it; made once, since LLVM is loaded for it."""

    def __init__(self) -> None:
        import llvmlite
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.llvm = llvm
        self.triple = llvm.get_process_triple()
        self.processor = llvm.get_host_cpu_name()
        self.features = ""
        with contextlib.suppress(RuntimeError):  # not every system tells them
            self.features = llvm.get_host_cpu_features().flatten()
        self.version = f"{llvmlite.__version__} {llvm.llvm_version_info}"
        ignore = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: None)
        self.kept: list[Any] = [ignore]
        llvm.add_symbol("NRT_MemInfo_call_dtor", ctypes.cast(ignore, ctypes.c_void_p).value)

    def target(self) -> Any:
        """Return what makes code as Numba has it made, for just this processor."""
        return self.llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.processor,
            features=self.features,
            opt=3,
            reloc="static" if self.triple.startswith("x86") else "default",
            codemodel="jitdefault",
            jit=True,
        )

    def code(self, text: str) -> bytes:
        """Turn LLVM text into an object file."""
        module = self.llvm.parse_assembly(text)
        made: bytes = self.target().emit_object(module)
        return made

    def load(self, code: bytes, name: str) -> int:
        """Put an object file into memory, for as long as the process lives; return an address."""
        empty = self.llvm.parse_assembly(f'target triple = "{self.triple}"')
        engine = self.llvm.create_mcjit_compiler(empty, self.target())
        engine.add_object_file(self.llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        self.kept.append(engine)
        address: int = engine.get_function_address(name)
        return address


@functools.cache
def machine() -> Machine:
    """Return this processor; LLVM is loaded when it is first asked for."""
    return Machine()


class Native:
    """A function as machine code.

    Parameters
    ----------
    address
        Where it begins in memory.
    taken
        What its arguments are, as `sim.native.arguments.fingerprint` tells.
    length
        How many words the arguments are.
    """

    def __init__(self, address: int, taken: str, length: int) -> None:
        self._taken = taken
        kind = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * length)
        self._call = kind(address)

    def fits(self, arguments: Sequence[Any]) -> bool:
        """Whether arguments are of the kinds that the code was made for."""
        return fingerprint(arguments) == self._taken

    def __call__(self, *arguments: Any) -> bool:
        """Call it, other threads meanwhile running; whether nothing went wrong."""
        result, problem = ctypes.c_int64(), ctypes.c_void_p()
        pointers = ctypes.addressof(result), ctypes.addressof(problem)
        return self._call(*pointers, *words(arguments)) in _FINE


class Entry:
    """A compiled function that is called from Python: code made beforehand, or Numba's.

    Parameters
    ----------
    numba_name
        Of the function, as in ``world.run_cases``; its last part names the files in `FOLDER`.
    rooms
        Whose source it is compiled from; text that was made from another source is not used.
    numba
        Loads the function as Numba compiles it, for arguments of other kinds and other machines.
    """

    def __init__(
        self, numba_name: str, rooms: tuple[str, ...], numba: Callable[[], Callable[..., Any]]
    ) -> None:
        self.numba_name, self.rooms, self.numba = numba_name, rooms, numba
        self.name = numba_name.rpartition(".")[2]
        self._native: Native | None = None
        self._looked = False

    def use_numba(self) -> None:
        """Let Numba compile the function in this process, whatever was made."""
        self._native, self._looked = None, True

    def __call__(self, *arguments: Any) -> None:
        """Call it; it writes into its last arguments."""
        native = self.native()
        if native is None or not native.fits(arguments) or not native(*arguments):
            self.numba()(*arguments)

    def native(self) -> Native | None:
        """Return the machine code, loaded once; None if there is none that fits."""
        if not self._looked:
            with _lock:
                if not self._looked:
                    self._native = self._found()
                    self._looked = True
        return self._native

    def described(self) -> dict[str, Any] | None:
        """Return the description of the text that was made; None if it is not for this source."""
        if any(os.environ.get(name) for name in OWN_SETTINGS):
            return None
        try:
            told = json.loads((FOLDER / f"{self.name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        fits = isinstance(told, dict) and told.get("source") == source_of(self.rooms)
        return told if fits else None

    def place(self, told: dict[str, Any]) -> Path:
        """Where the code for this processor is kept."""
        here = machine()
        decides = f"{told['sha256']} {here.version} {here.triple} {here.processor} {here.features}"
        name = hashlib.sha256(decides.encode()).hexdigest()[:16]
        return cache_root() / "compiled" / "native" / f"{self.name}-{name}.o"

    def is_ready(self) -> bool | None:
        """Whether the code for this processor is kept; None if the text cannot be used here."""
        told = self.described()
        if told is None or told.get("triple") != machine().triple:
            return None
        return self._native is not None or read_sealed(self.place(told)) is not None

    def _found(self) -> Native | None:
        told = self.described()
        if told is None or told.get("triple") != machine().triple:
            return None
        place = self.place(told)
        code = read_sealed(place)
        try:
            if code is None:
                code = machine().code(self._text(told))
                write_sealed(place, code)
            address = machine().load(code, self.name)
            if not address:
                raise ValueError(f"{self.name} is not in its own code")
        except (OSError, LookupError, ValueError, RuntimeError, lzma.LZMAError):
            return None
        return Native(address, told["arguments"], told["words"])

    def _text(self, told: dict[str, Any]) -> str:
        packed = (FOLDER / f"{self.name}.ll.xz").read_bytes()
        if hashlib.sha256(packed).hexdigest() != told["sha256"]:
            raise ValueError(f"{self.name}.ll.xz is not what its description says")
        return lzma.decompress(packed).decode()
