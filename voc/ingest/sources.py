"""The known review exports, declared: by which headers each is recognised and which header holds what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voc.ingest.raw import fold

__all__ = ["FIELDS", "GENERIC", "SOURCES", "Source"]

#: Columns that a header can be mapped to. The last row is read for `products`, or decides whether a row is taken.
FIELDS = (
    *("review_id", "channel", "market", "language", "product_id", "product", "brand", "variant", "version"),
    *("rating", "title", "body", "written_at", "verified", "incentivised", "helpful_votes", "reason_code"),
    *("own", "category", "price", "currency", "units_sold", "status", "rating_scale"),
)


@dataclass(frozen=True)
class Source:
    """One export format.

    `signature`: headers that must all be there. `columns`: field -> headers that may hold it, best first.
    `optional`: further headers that raise the certainty. All headers are compared without case and punctuation.
    """

    name: str
    label: str
    signature: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    channel: str = "review"
    optional: tuple[str, ...] = ()
    never_text: frozenset[str] = field(default_factory=frozenset)


def _source(
    name: str, label: str, signature: str, *, channel: str = "review", optional: str = "", **columns: str
) -> Source:
    folded = {column: tuple(fold(h) for h in headers.split("|")) for column, headers in columns.items()}
    parts = (tuple(fold(h) for h in text.split("|") if h) for text in (signature, optional))
    needed, further = parts
    return Source(name, label, needed, folded, channel, further)


#: The most specific match wins: the one with the most headers of its signature and options present.
SOURCES: tuple[Source, ...] = (
    _source(
        "amazon_2023",
        "Amazon Reviews 2023",
        "rating|title|text|asin|parent_asin|timestamp",
        optional="user_id|helpful_vote|verified_purchase|images",
        rating="rating",
        title="title",
        body="text",
        written_at="timestamp",
        # Colours and sizes of one product share the parent.
        product_id="parent_asin|asin",
        variant="asin",
        helpful_votes="helpful_vote",
        verified="verified_purchase",
    ),
    _source(
        "amazon_2018",
        "Amazon Reviews 2018",
        "asin|reviewText|overall|unixReviewTime|verified",
        optional="vote|style|image|summary|reviewerID|reviewTime",
        rating="overall",
        title="summary",
        body="reviewText",
        product_id="asin",
        written_at="unixReviewTime|reviewTime",
        verified="verified",
        helpful_votes="vote",
        variant="style",
    ),
    _source(
        "amazon_2014",
        "Amazon Reviews 2014",
        "asin|reviewText|overall",
        optional="helpful|summary|reviewerID|reviewTime|unixReviewTime",
        rating="overall",
        title="summary",
        body="reviewText",
        product_id="asin",
        written_at="unixReviewTime|reviewTime",
        helpful_votes="helpful|vote",
    ),
    _source(
        "aws",
        "AWS customer reviews",
        "review_id|product_id|star_rating|review_body",
        optional="marketplace|customer_id|product_parent|product_title|vine|review_headline|review_date|total_votes",
        review_id="review_id",
        rating="star_rating",
        title="review_headline",
        body="review_body",
        written_at="review_date",
        market="marketplace",
        product_id="product_id",
        product="product_title",
        category="product_category",
        verified="verified_purchase",
        incentivised="vine",
        helpful_votes="helpful_votes",
    ),
    _source(
        "fine_food",
        "Amazon Fine Food",
        "Id|ProductId|Score|Summary|Text",
        optional="UserId|ProfileName|HelpfulnessNumerator|HelpfulnessDenominator|Time",
        review_id="Id",
        product_id="ProductId",
        rating="Score",
        title="Summary",
        body="Text",
        written_at="Time",
        helpful_votes="HelpfulnessNumerator",
    ),
    _source(
        "datafiniti",
        "Datafiniti",
        "reviews.text|reviews.rating",
        optional="asins|brand|categories|name|reviews.date|reviews.title|reviews.numHelpful|reviews.doRecommend",
        # `id` is the product's here.
        product_id="asins|id",
        product="name",
        brand="brand",
        category="primaryCategories|categories",
        rating="reviews.rating",
        title="reviews.title",
        body="reviews.text",
        written_at="reviews.date",
        helpful_votes="reviews.numHelpful",
        verified="reviews.didPurchase",
    ),
    _source(
        "promptcloud",
        "PromptCloud Amazon",
        "Product Name|Rating|Reviews|Review Votes",
        optional="Brand Name|Price",
        product="Product Name",
        brand="Brand Name",
        price="Price",
        rating="Rating",
        body="Reviews",
        helpful_votes="Review Votes",
    ),
    _source(
        "helium10",
        "Helium 10",
        "Date|Author|Verified|Helpful|Title|Body|Rating",
        optional="Images|Videos|URL|Variation|Style",
        written_at="Date",
        verified="Verified",
        helpful_votes="Helpful",
        title="Title",
        body="Body",
        rating="Rating",
        variant="Variation|Style",
    ),
    _source(
        "fba_returns",
        "FBA customer returns",
        "return-date|sku|reason",
        channel="return",
        optional="asin|fnsku|product-name|quantity|fulfillment-center-id|detailed-disposition|customer-comments|status",
        written_at="return-date",
        product_id="asin|sku",
        product="product-name",
        variant="sku",
        reason_code="reason",
        body="customer-comments",
    ),
    _source(
        "judgeme",
        "Judge.me",
        "title|body|rating|review_date|reviewer_name",
        optional="curated|source|reviewer_email|product_id|product_handle|reply|ip_address|location|picture_urls",
        title="title",
        body="body",
        rating="rating",
        written_at="review_date",
        status="curated",
        product_id="product_id|product_handle",
        product="product_title|product_handle",
    ),
    _source(
        "loox",
        "Loox",
        "rating|review|handle|nickname",
        optional="id|status|email|full_name|date|productId|img|variant|verified_purchase",
        review_id="id",
        status="status",
        rating="rating",
        body="review",
        written_at="date",
        product_id="productId|handle",
        product="handle",
        variant="variant",
        verified="verified_purchase",
    ),
    _source(
        "shopify",
        "Shopify product reviews",
        "product_handle|state|rating|body|created_at",
        optional="title|author|email|location|reply|replied_at",
        product_id="product_handle",
        status="state",
        rating="rating",
        title="title",
        body="body",
        product="product_title|product_handle",
        written_at="created_at",
    ),
    _source(
        "yotpo",
        "Yotpo",
        "Review Content|Review Score",
        optional="Review Title|Date|Product ID|Product Title|Product URL|Display Name|Email|Verified Purchase",
        title="Review Title",
        body="Review Content",
        rating="Review Score",
        product_id="Product ID",
        written_at="Date|Review Creation Date|Created At",
        product="Product Title",
        verified="Verified Purchase",
        status="Review Status|Published",
    ),
    _source(
        "google_play",
        "Google Play",
        "Package Name|Star Rating|Review Text",
        channel="app",
        optional="App Version Code|App Version Name|Reviewer Language|Device|Review Submit Date and Time|Review Title",
        product_id="Package Name",
        version="App Version Name|App Version Code",
        rating="Star Rating",
        title="Review Title",
        body="Review Text",
        written_at="Review Submit Millis Since Epoch|Review Submit Date and Time",
        variant="Device",
    ),
    _source(
        "app_store",
        "App Store Connect",
        "rating|title|body|createdDate|territory",
        channel="app",
        optional="reviewerNickname|id",
        rating="rating",
        title="title",
        body="body",
        written_at="createdDate",
        market="territory",
        review_id="id",
    ),
    _source(
        "bazaarvoice",
        "Bazaarvoice",
        "product_id|rating|review_text|submission_time",
        optional="id|rating_range|title|is_recommended|is_syndicated|pros|cons",
        review_id="id",
        product_id="product_id",
        rating="rating",
        rating_scale="rating_range",
        title="title",
        body="review_text",
        written_at="submission_time",
        status="moderation_status",
    ),
    _source(
        "amazon_scrape",
        "Amazon scrape",
        "ReviewTitle|ReviewBody|ReviewStar",
        optional="Product",
        title="ReviewTitle",
        body="ReviewBody",
        rating="ReviewStar",
        product="Product",
        written_at="ReviewDate|Date",
    ),
    _source(
        "amazon_listing",
        "Amazon listing reviews",
        "asin|stars|title|text",
        optional="review_id|verified|helpful|attrs|country|date|product|is_anker_product",
        review_id="review_id",
        product_id="asin",
        product="product",
        rating="stars",
        title="title",
        body="text",
        verified="verified",
        helpful_votes="helpful",
        variant="attrs",
        market="country",
        written_at="date",
        own="is_anker_product|own|is_own",
    ),
    _source(
        "amazon_alexa",
        "Amazon Alexa reviews",
        "rating|date|variation|verified_reviews",
        optional="feedback",
        rating="rating",
        written_at="date",
        variant="variation",
        body="verified_reviews",
    ),
    _source(
        "amazon_product_reviews",
        "Amazon product reviews",
        "asin|product_name|rating|review_text",
        optional="title|date",
        product_id="asin",
        product="product_name",
        rating="rating",
        title="title",
        body="review_text",
        written_at="date",
    ),
)

GENERIC = Source("generic", "generic", (), {})
