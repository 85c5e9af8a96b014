"""What parts two values or functions, and what is recorded so that a later process can say it, too."""
