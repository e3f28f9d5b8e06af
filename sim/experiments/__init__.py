"""Experiments: many scenarios, or many settings of one, on the same members and luck."""
