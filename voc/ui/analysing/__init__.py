"""The page Analyse: uploads, and the process that analyses them."""
