"""What sentences of every language have to know before they choose their words: which rows, which sums."""
