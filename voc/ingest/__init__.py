"""Review exports in, the `reviews` table out: formats, column mapping, cleaning, duplicates, language."""

from voc.ingest.clean import clean_text
from voc.ingest.preview import Preview, preview
from voc.ingest.reader import FileReport, IngestResult, read_exports

__all__ = ["FileReport", "IngestResult", "Preview", "clean_text", "preview", "read_exports"]
