"""Which public event of the next days would move the odds, or turn a choice, most."""
