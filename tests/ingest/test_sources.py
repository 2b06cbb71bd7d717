"""Every known export is recognised by its header and its columns land where they belong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.headers import is_person
from voc.ingest.sources import SOURCES

DAY = dt.datetime(2024, 1, 15, tzinfo=dt.UTC)


def table(header: str, *rows: list[str], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header.split("|"))
    writer.writerows(rows)
    return out.getvalue()


def check(review, **expected):
    assert {key: review[key] for key in expected} == expected


def test_amazon_2023(rows):
    record = {
        "rating": 4.0,
        "title": "Solid",
        "text": "Lasts long<br />and charges fast",
        "images": [],
        "asin": "B01",
        "parent_asin": "B00",
        "user_id": "AE2",
        "timestamp": 1705276800000,
        "helpful_vote": 3,
        "verified_purchase": True,
    }
    (review,) = rows(json.dumps(record), "a.jsonl")
    check(review, source="amazon_2023", product_id="B00", variant="B01", rating=4.0, helpful_votes=3, verified=True)
    check(review, text="Solid. Lasts long\nand charges fast", written_at=DAY, extra=None)


def test_amazon_2014_and_2018(rows):
    record = {
        "reviewerID": "A1",
        "asin": "B00",
        "reviewerName": "Jo Doe",
        "reviewText": "Good &amp;amp; sturdy",
        "overall": 5.0,
        "summary": "Nice",
        "unixReviewTime": 1705276800,
        "reviewTime": "01 15, 2024",
    }
    (old,) = rows(json.dumps(record | {"helpful": [2, 3]}), "a.json")
    check(old, source="amazon_2014", helpful_votes=2, body="Good & sturdy", written_at=DAY)
    new = record | {"verified": True, "vote": "1,234", "style": {"Color:": " Black", "Size:": " 6ft"}}
    (found,) = rows(json.dumps(new), "b.json")
    check(found, source="amazon_2018", helpful_votes=1234, verified=True, variant="Color: Black, Size: 6ft")
    assert "Jo Doe" not in str(found)
    assert "A1" not in str(found["extra"])


def test_aws(rows):
    header = "marketplace|customer_id|review_id|product_id|product_parent|product_title|product_category|star_rating|helpful_votes|total_votes|vine|verified_purchase|review_headline|review_body|review_date"  # noqa: E501
    line = 'US|77|R1|P1|9|Cable 6" long|Electronics|5|1|2|Y|N|"Great|works "very" well|2024-01-15'
    (review,) = rows((header + "\n" + line + "\n").replace("|", "\t"), "a.tsv")
    check(review, source="aws", review_id="R1", market="US", product='Cable 6" long', incentivised=True, verified=False)
    check(review, written_at=DAY, rating=5.0, helpful_votes=1, body='works "very" well')


def test_fine_food_ids_do_not_collide_with_other_files(rows):
    header = "Id|ProductId|UserId|ProfileName|HelpfulnessNumerator|HelpfulnessDenominator|Score|Time|Summary|Text"
    (review,) = rows(table(header, ["1", "B1", "A", "Jo", "2", "3", "5", "1705276800", "Yum", "Tastes fine"]))
    check(review, review_id="fine_food:1", rating=5.0, helpful_votes=2, written_at=DAY, title="Yum")


def test_datafiniti_id_is_the_product(rows):
    header = "id|asins|brand|categories|name|reviews.date|reviews.doRecommend|reviews.numHelpful|reviews.rating|reviews.text|reviews.title|reviews.username"  # noqa: E501
    line = [
        "AVq",
        "B01",
        "Acme",
        "Tablets",
        "Tab 7",
        "2024-01-15T00:00:00.000Z",
        "TRUE",
        "4",
        "3",
        "It is slow",
        "Meh",
        "jo",
    ]
    found = rows(table(header, line, [*line[:9], "It is fast", "Wow", "al"]))
    check(found[0], product_id="B01", product="Tab 7", brand="Acme", written_at=DAY, helpful_votes=4, rating=3.0)
    assert len({r["review_id"] for r in found}) == 2
    assert json.loads(found[0]["extra"]) == {"id": "AVq", "reviews.doRecommend": "TRUE"}


def test_promptcloud_reviews_is_the_text(read):
    header = "Product Name|Brand Name|Price|Rating|Reviews|Review Votes"
    result = read(
        table(
            header, ["Phone X", "Acme", "199.99", "4", "Good phone", "1"], ["Phone X", "Acme", "199.99", "1", "", "0"]
        )
    )
    (review,) = result.reviews.to_pylist()
    check(review, body="Good phone", product_id="Phone X", helpful_votes=1, written_at=None, brand="Acme")
    check(result.products.to_pylist()[0], product_id="Phone X", price=199.99, brand="Acme")


def test_helium10_takes_the_asin_from_the_file_name(rows):
    header = "Date|Author|Verified|Helpful|Title|Body|Rating|Images|Videos|URL|Variation|Style"
    line = ["January 15, 2024", "Jo Doe", "yes", "2", "Good", "Charges fast", "5", "", "", "", "Black", ""]
    (review,) = rows(table(header, line), "B0ABCD1234-reviews.csv")
    check(review, source="helium10", product_id="B0ABCD1234", written_at=DAY, variant="Black", verified=True)
    assert "Doe" not in str(review)


def test_fba_returns_keep_the_coded_reason(rows):
    header = "return-date|order-id|sku|asin|fnsku|product-name|quantity|fulfillment-center-id|detailed-disposition|reason|status|license-plate-number|customer-comments"  # noqa: E501
    start = ["2024-01-15T00:00:00+00:00", "111-22", "S1", "B01", "F", "Cable", "1", "LEX", "DEFECTIVE"]
    found = rows(
        table(
            header,
            [*start, "DEFECTIVE", "Unit returned", "LPN1", ""],
            [*start, "NOT_COMPATIBLE", "Unit returned", "LPN2", "too big for my phone"],
        )
    )
    check(found[0], channel="return", reason_code="DEFECTIVE", text="Item is defective or does not work", body=None)
    check(found[1], reason_code="NOT_COMPATIBLE", text="too big for my phone", product="Cable", written_at=DAY)
    assert "111-22" not in str(found)
    assert "LPN" not in str(found)


def test_judgeme_skips_spam(read):
    header = "title|body|rating|review_date|source|curated|reviewer_name|reviewer_email|product_id|product_handle|reply|reply_date|picture_urls|ip_address|location"  # noqa: E501
    line = [
        "Good",
        "Works well",
        "5",
        "2024-01-15 00:00:00 UTC",
        "web",
        "ok",
        "Jo Doe",
        "jo@x.com",
        "12",
        "cable",
        "",
        "",
        "",
        "10.1.2.3",
        "",
    ]
    result = read(table(header, line, [*line[:5], "spam", *line[6:]]))
    assert result.rejects["reason"].to_pylist() == ["spam"]
    (review,) = result.reviews.to_pylist()
    check(review, product_id="12", product="cable", written_at=DAY)
    assert not any(word in str(review) for word in ("Doe", "jo@x.com", "10.1.2.3"))


@pytest.mark.parametrize(
    ("name", "header", "line", "expected"),
    [
        ("loox", "id|status|rating|email|nickname|full_name|review|date|productId|handle|img|variant|verified_purchase",
         ["lx9a", "Published", "5", "j@x.de", "Jo", "Jo Doe", "It fits", "2024-01-15", "77", "case", "", "Red", "true"],
         {"review_id": "lx9a", "product_id": "77", "product": "case", "variant": "Red", "verified": True}),
        ("shopify", "product_handle|state|rating|title|author|email|location|body|reply|created_at|replied_at",
         ["case", "published", "4", "Nice", "Jo", "j@x.de", "Berlin", "It fits", "", "2024-01-15 00:00:00 +0000", ""],
         {"product_id": "case", "rating": 4.0, "title": "Nice", "written_at": DAY}),
        ("google_play", "Package Name|App Version Code|App Version Name|Reviewer Language|Device|Review Submit Date and Time|Review Submit Millis Since Epoch|Star Rating|Review Title|Review Text|Review Link",  # noqa: E501
         ["com.acme", "12", "1.2.0", "en", "walleye", "2024-01-15T00:00:00Z", "1705276800000", "2", "", "It crashes", ""],  # noqa: E501
         {"channel": "app", "version": "1.2.0", "product_id": "com.acme", "written_at": DAY, "rating": 2.0}),
        ("app_store", "rating|title|body|reviewerNickname|createdDate|territory",
         ["1", "Bad", "It crashes", "jo77", "2024-01-14T16:00:00-08:00", "USA"],
         {"channel": "app", "market": "USA", "written_at": DAY}),
        ("bazaarvoice", "id|product_id|rating|rating_range|title|review_text|submission_time|is_recommended|is_syndicated|pros|cons",  # noqa: E501
         ["192837465", "P1", "8", "10", "Fine", "It works", "2024-01-15T00:00:00.000+00:00", "true", "false", "", ""],
         {"review_id": "192837465", "rating": 4.0, "written_at": DAY}),
        ("yotpo", "Review Title|Review Content|Review Score|Date|Product ID|Product Title|Product URL|Display Name|Email|Verified Purchase",  # noqa: E501
         ["Fine", "It works", "5", "2024-01-15", "P1", "Cable", "", "Jo D.", "j@x.de", "true"],
         {"product_id": "P1", "product": "Cable", "verified": True, "written_at": DAY}),
        ("amazon_alexa", "rating|date|variation|verified_reviews|feedback",
         ["4", "15-Jan-24", "Black Dot", "Music plays well", "1"],
         {"body": "Music plays well", "variant": "Black Dot", "written_at": DAY}),
        ("amazon_scrape", "ReviewTitle|ReviewBody|ReviewStar|Product",
         ["Good\n", "It works\n", "4", "Earphone A"],
         {"text": "Good. It works", "product": "Earphone A", "product_id": "Earphone A", "rating": 4.0}),
        ("amazon_listing", "review_id|asin|title|stars|text|verified|helpful|attrs|country|date|product|is_anker_product",  # noqa: E501
         ["R9", "B01", "Loud", "5", "It is loud", "true", "3", "Color: Black", "Canada", "2024-01-15", "Box", "true"],
         {"review_id": "R9", "market": "Canada", "variant": "Color: Black", "helpful_votes": 3, "written_at": DAY}),
        ("amazon_product_reviews", "asin|product_name|rating|title|date|review_text",
         ["B01", "Cable: Electronics", "5.0", "Good", "January 15, 2024", "It works"],
         {"product_id": "B01", "product": "Cable: Electronics", "written_at": DAY}),
    ],
)  # fmt: skip
def test_other_sources(read, name, header, line, expected):
    content = table(header, line, delimiter=";" if name == "yotpo" else ",")
    result = read(content.encode("utf-16") if name == "google_play" else content)
    (review,) = result.reviews.to_pylist()
    check(review, source=name, **expected)
    assert not any(word in str(review) for word in ("j@x.de", "Jo Doe", "jo77", "Jo D."))


def test_every_signature_is_matched_by_its_own_source():
    from voc.ingest.mapping import detect_source

    for source in SOURCES:
        assert detect_source([*source.signature, *source.optional]) == source


def test_unpublished_and_hidden_rows_are_rejected(read):
    result = read("Review,Status\nIt works,published\nIt broke,hidden\nIt is odd,unpublished\nIt is it,spam\n")
    assert result.rejects["reason"].to_pylist() == ["hidden", "unpublished", "spam"]


def test_scraped_dates_give_the_market(rows):
    (a, b) = rows(
        'Review,Date\nIt works,"Reviewed in the United States on January 15, 2024"\n'
        'Es geht,"Rezension aus Deutschland vom 15. Januar 2024"\n'
    )
    check(a, market="United States", written_at=DAY)
    check(b, market="Deutschland", written_at=DAY)


@pytest.mark.parametrize(
    "header",
    [
        "Review,Stars,Date",
        "REVIEW,STARS,DATE",
        " review , stars , date ",
        "Comment,Rating,Created At",
        "Feedback,Score,Date",
    ],
)
def test_hand_made_sheets(read, header):
    report = read(f"{header}\nIt works,5,2024-01-15\nIt broke,1,2024-01-16\n").reports[0]
    assert list(report.mapping) == ["rating", "body", "written_at"]
    assert list(report.mapping.values()) == [header.split(",")[i].strip() for i in (1, 0, 2)]


def test_numeric_feedback_is_no_text(read):
    report = read(
        "Feedback,Comment,Sentiment\n1,It works,positive\n0,It broke,negative\n1,It is fine,positive\n"
    ).reports[0]
    assert report.mapping["body"] == "Comment"


def test_text_is_found_by_content_and_said_so(read):
    report = read(
        "When,What should we improve about the product?\nSpring,The battery could be better\nMay,Nothing\n"
    ).reports[0]
    assert report.mapping == {"body": "What should we improve about the product?"}
    assert any("longest free text" in note for note in report.notes)


def test_map_overrides_and_unmaps(rows):
    content = "Review,Note,Stars\nfirst text,second text,5\n"
    (review,) = rows(content, mapping={"text": "NOTE", "rating": ""})
    check(review, body="second text", rating=None)
    (review,) = rows(content, config=IngestConfig(mapping={"body": "Note"}), mapping={"body": "Review"})
    check(review, body="first text")


def test_map_to_unknown_names_lists_the_valid_ones(read):
    with pytest.raises(VocError) as caught:
        read("Review,Stars\nIt works,5\n", mapping={"colour": "Stars"})
    assert str(caught.value).startswith("'colour' is no column that can be mapped; the columns are review_id, channel,")
    with pytest.raises(VocError) as caught:
        read("Review,Stars\nIt works,5\n", mapping={"rating": "Sterne"})
    assert str(caught.value) == "export.csv: there is no column 'Sterne' to map rating to; the file has Review, Stars."


def test_a_row_counter_is_no_review_id(read):
    result = read("id,text\n1,It works\n2,It broke\n")
    assert not {"1", "2"} & set(result.reviews["review_id"].to_pylist())
    assert any("only counts the rows" in note for note in result.reports[0].notes)
    assert read("review_id,text\n1,It works\n").reviews["review_id"].to_pylist() == ["1"]


@pytest.mark.parametrize(
    "header",
    [
        "Author",
        "reviewer_name",
        "E-mail",
        "Customer ID",
        "reviews.username",
        "ip_address",
        "userProfileUrl",
        "Customer Name",
        "order-id",
    ],
)
def test_person_columns(header):
    assert is_person(header)


@pytest.mark.parametrize(
    "header", ["Review", "product_name", "Customer Comments", "Reviewer Language", "User Rating", "Description"]
)
def test_other_columns_are_not_persons(header):
    assert not is_person(header)
