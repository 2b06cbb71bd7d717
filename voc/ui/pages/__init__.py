"""One file for each page of the app; each renders when Streamlit runs it as the page's script."""
