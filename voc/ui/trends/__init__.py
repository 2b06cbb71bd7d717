"""The page Trends by phase: phases, the steps between them, and any two compared."""
