"""Mails follow published runs: what a run's mails are, when they are queued, and what became of them."""
