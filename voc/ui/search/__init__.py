"""The page Reviews: search, and a review as a card or on its own."""
