"""What a memoized call is: its key, its trace, its answer."""
