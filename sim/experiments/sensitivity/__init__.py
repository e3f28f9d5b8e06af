"""Sensitivity: which levers, which members and which luck decide how a world ends."""
