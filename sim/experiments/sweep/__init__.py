"""Sweeps: one scenario over a design of levers."""
