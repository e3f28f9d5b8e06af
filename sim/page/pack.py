"""Modules of JavaScript made into one script, and data and hashes as a page needs them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_IMPORT = re.compile(r'^import \{([^{}]*)\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE
)  # what a module gives to others
_LEFT = re.compile(r"^\s*(?:import|export)\b.*", re.MULTILINE)


def one_script(entry: str, read: Callable[[str], str]) -> str:
    r"""Make one script of a module and of all that it imports, directly or not.

    Each module becomes a function that returns what it exports, called before those that import it.
    A module may hold ``import { a, b } from "./other.js";`` and ``export`` before a function, a
    class or a constant; nothing else of the kind.

    Parameters
    ----------
    entry
        The name of the module that starts the page.
    read
        Returns the text of a module by its name.

    Raises
    ------
    ValueError
        Naming the module, if one imports or exports in another way, or if they import each other in
        a circle.

    Examples
    --------
    >>> print(one_script("a.js", {"a.js": "const one = 1;\n"}.__getitem__))
    (() => {
    "use strict";
    const modules = {};
    modules["a.js"] = (() => {
    const one = 1;
    return {};
    })();
    })();
    """
    done: dict[str, str] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{name}: it imports itself by way of {above[-1]}.")
        if name in done:
            return
        text = read(name)
        for found in _IMPORT.finditer(text):
            add(found[2], (*above, name))
        done[name] = _as_function(name, text)

    add(entry, ())
    functions = "".join(done.values())
    return f'(() => {{\n"use strict";\nconst modules = {{}};\n{functions}}})();'


def _as_function(name: str, text: str) -> str:
    gives = [found[2] for found in _EXPORT.finditer(text)]
    text = _IMPORT.sub(lambda found: f'const {{{found[1]}}} = modules["{found[2]}"];\n', text)
    text = _EXPORT.sub(r"\1 \2", text)
    left = _LEFT.search(text)
    if left:
        raise ValueError(f"{name}: '{left[0].strip()}' cannot be packed.")
    given = f"{{ {', '.join(gives)} }}" if gives else "{}"
    return f'modules["{name}"] = (() => {{\n{text}return {given};\n}})();\n'


def digest(text: str) -> str:
    """Return the hash of a style or a script as a content policy names it.

    Examples
    --------
    >>> digest("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def island(document: Mapping[str, Any]) -> str:
    r"""Return a document as JSON that can stand within a page: nothing in it ends a script.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.

    Examples
    --------
    >>> print(island({"title": "</script>"}))
    {"title":"\u003c/script>"}
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<\u2028\u2029":  # JSON holds these only within its strings
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
