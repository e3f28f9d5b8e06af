"""The page on which levers are moved; a place holder until the page itself is here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ASSETS: Mapping[str, bytes | Path] = {"live.css": b"", "live.js": b""}


def live_page() -> bytes:
    """Return the page that the live server serves."""
    return b"<!doctype html><title>truce explore</title>"


def page_of(document: Mapping[str, Any]) -> bytes:
    """Return the page of an emulator's document, whole in one file."""
    return b'<!doctype html><meta name="generator" content="truce-sim"><title>truce explore</title>'
