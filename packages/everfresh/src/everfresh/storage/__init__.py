"""Keeps answers: objects hold them and are the truth, the index finds them, a policy says which go."""
