"""The page Needs: wishes, and when products fail."""
