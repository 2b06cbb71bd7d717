"""What headers of hand-made sheets mean, and which of them name a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from voc.ingest.raw import fold
from voc.ingest.sources import SOURCES

__all__ = ["BARE_IDS", "SAFE_TO_ADD", "SYNONYMS", "is_person", "recognised"]

#: Headers of hand-made sheets, best first. Order between fields matters where a header could be two things.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    column: tuple(fold(h) for h in headers.split("|"))
    for column, headers in {
        "body": "review text|review body|review content|review comment|review description|customer review|body|text|"
        "review|reviews|comment|comments|customer comments|customer comment|feedback|feedback text|customer feedback|"
        "content|message|review message|verbatim|verbatims|open text|answer|response|opinion|description|"
        "ticket description|verified reviews|reviews text|what customers say|"
        "bewertungstext|rezension|kommentar|bewertung|reseña|comentario|comentarios|opinión|avis|commentaire|"
        "commentaires|recensione|commento|avaliação",
        "rating": "rating|ratings|star rating|stars|star|review rating|review star|review stars|score|review score|"
        "overall|overall rating|star_rating|rate|customer rating|reviews rating|nps|nps score|csat|satisfaction|"
        "sterne|sternebewertung|note|punktzahl|calificación|puntuación|estrellas|étoiles|valutazione|stelle|nota",
        "title": "review title|title|headline|review headline|summary|review summary|subject|ticket subject|heading|"
        "reviews title|titel|titre|título|titolo|betreff",
        "written_at": "date|review date|written at|created at|created|submitted at|submission date|submission time|"
        "submitted|date created|created date|creation date|timestamp|time|review time|posted|posted at|posted on|"
        "date posted|published at|publish date|published date|reviewed at|review timestamp|response date|return date|"
        "unix review time|date of review|datum|fecha|data|erstellt am",
        "review_id": "review id|reviewid|feedback id|response id|ticket id|comment id|id",
        "product_id": "product id|asin|product asin|parent asin|sku|product sku|item id|item sku|ean|upc|gtin|"
        "product handle|handle|model number|artikelnummer",
        "product": "product|product name|product title|item|item name|model|product model|device|app|produkt|producto|"
        "produit|prodotto|artikel|produto",
        "brand": "brand|brand name|manufacturer|marke|marca|marque",
        "variant": "variant|variation|color|colour|style|attrs|attributes|size|option|product variant",
        "version": "version|app version|product version|firmware|firmware version|hardware version|revision|"
        "generation|app version name",
        "market": "market|marketplace|country|country code|territory|region|reviewer country|land|país|pays|paese",
        "language": "language|lang|review language|sprache|idioma|langue",
        "channel": "channel|feedback channel",
        "verified": "verified|verified purchase|is verified|verified buyer|verified review",
        "incentivised": "incentivised|incentivized|vine|is vine|vine review|promotional|sponsored",
        "helpful_votes": "helpful votes|helpful vote|helpful|votes|review votes|helpful count|likes|upvotes|"
        "people found helpful",
        "reason_code": "reason code|return reason|return reason code|reason",
        "own": "own|is own|own product|is own product|ours|is anker product",
        "category": "category|product category|categories|main category",
        "price": "price|product price|sale price",
        "currency": "currency|currency code",
        "units_sold": "units sold|units|sales units",
        "status": "status|state|review status|curated|published|is published|visibility|moderation status|is spam",
        "rating_scale": "rating range|rating scale|max rating",
    }.items()
}

#: Fields that the synonyms may add to a known source: they cannot be mistaken for its text.
SAFE_TO_ADD = (
    *("market", "brand", "variant", "version", "incentivised", "verified", "own", "category", "price"),
    *("currency", "units_sold", "product", "language"),
)

#: A lone "id" column; its numbers may be a count of rows.
BARE_IDS = frozenset({"id", "no", "nr", "number"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PERSON_WORDS = _words(
    "reviewer user customer author profile buyer nickname email mail username displayname fullname firstname "
    "lastname surname avatar phone telephone mobile ip ipaddress address respondent"
)
_PERSON_EXACT = _words(
    "author authorname nickname username userid user customerid customer customername reviewerid reviewername "
    "reviewernickname reviewer profilename profileid profileurl displayname email emailaddress mail fullname name "
    "firstname lastname surname phone phonenumber telephone mobile ip ipaddress avatar buyer buyername orderid "
    "amazonorderid ordernumber licenseplatenumber autor kunde kundenname auteur cliente usuario respondentid "
    "useravatar authorid buyerid contact"
)
#: Headers with a person's word that say nothing about who the person is.
_NOT_PERSON = _words(
    "reviewerlanguage reviewercountry customercomments customercomment customerreview customerreviews customerrating "
    "customerfeedback userfeedback userreview userrating usercomment usercomments mobilemodel reviewerlocale"
)
_KNOWN = frozenset(h for headers in SYNONYMS.values() for h in headers) | frozenset(
    header for source in SOURCES for headers in (source.signature, *source.columns.values()) for header in headers
)


def recognised(headers: Iterable[str]) -> int:
    """Return how many of the headers are known names of some export."""
    return sum(fold(header) in _KNOWN or fold(header) in _PERSON_EXACT for header in headers)


def is_person(header: str) -> bool:
    """Whether a column of this name says who wrote the review; such columns are never stored."""
    folded = fold(header)
    if folded in _NOT_PERSON:
        return False
    if folded in _PERSON_EXACT or "email" in folded or "nickname" in folded or "username" in folded:
        return True
    spaced = "".join(f" {ch}" if ch.isupper() else ch for ch in header) if not header.isupper() else header
    words = set("".join(ch if ch.isalnum() else " " for ch in f"{spaced} {header}".casefold()).split())
    return bool(words & _PERSON_WORDS) and not words & {"rating", "review", "comment", "feedback", "text", "country"}
