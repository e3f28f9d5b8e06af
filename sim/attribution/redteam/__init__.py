"""Which single move of which actor takes most from a scenario."""
