"""The price list, and what a quantity costs by it."""

from datetime import date

import pytest
from pydantic import ValidationError

from operations.capacity.prices import CapacityError, Price, load_prices


def test_a_quantity_costs_its_share_of_each_tier():
    # 333 million at 3.50 a million, and 67 million at 2.80.
    assert load_prices().cost("api.requests", 400e6) == pytest.approx(333 * 3.50 + 67 * 2.80)
    assert load_prices().cost("api.requests", 10_000) == pytest.approx(0.035)


def test_every_price_has_its_day_its_region_and_its_page_at_aws():
    prices = load_prices()
    assert (prices.region, prices.as_of) == ("us-east-2", date(2024, 11, 10))
    keys = [price.key for price in prices.prices]
    assert len(keys) == len(set(keys))
    assert all(price.source.startswith("https://aws.amazon.com/") for price in prices.prices)


def test_a_price_missing_from_the_list_is_named():
    with pytest.raises(CapacityError, match=r"hosting\.ml\.p5\.xlarge has no price: add it to operations/capacity"):
        load_prices().price("hosting.ml.p5.xlarge")


@pytest.mark.parametrize("given", [{}, {"usd": 1.0, "tiers": [{"usd": 1.0}]}, {"tiers": [{"up_to": 5, "usd": 1.0}]}])
def test_a_price_is_one_number_or_tiers_without_a_gap(given: dict):
    with pytest.raises(ValidationError):
        Price.model_validate({"key": "k", "unit": "u", "checked": "no", "source": "s", **given})
