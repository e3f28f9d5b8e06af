"""How news gets into the record: drafted, filled in, checked as a whole, added all or nothing."""
