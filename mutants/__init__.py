"""Mutants: random edits to real packages, to see that none which changes an answer leaves the fingerprint as it was."""
