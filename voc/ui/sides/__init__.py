"""The page Compare: one side against another, or several at once."""
