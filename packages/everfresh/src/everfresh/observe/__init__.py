"""Subscribers to events: statistics and the log. The core knows none of them."""
