"""The compiled engine: words, records, luck, rules, and the day."""
