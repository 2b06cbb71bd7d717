"""Where parts are scored: in this process, or on a Ray cluster; both call the one function of `voc.scoring.parts`."""
