"""The app: pages and charts over the workspace; it reads the store and asks `voc.insights` for figures."""
