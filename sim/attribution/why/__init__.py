"""Why two scenarios differ, and why one world ended as it did."""
