"""Odds over a few levers as a formula: fitted to worlds once, reckoned anywhere in no time."""
