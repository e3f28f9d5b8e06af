"""Whose model: the same scenarios by the model, by analysts and by variants of its construction."""
