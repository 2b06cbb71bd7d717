"""Training of the opinion network from labelled opinions and star ratings."""
