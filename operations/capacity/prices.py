"""AWS's list prices: a dated file in the repository, and what a quantity costs by it."""

from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

FILE = Path(__file__).with_name("prices.yaml")


class CapacityError(Exception):
    """Capacity or cost cannot be computed; the text is one line that says why and what to do."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Entry):
    """The price of the units of a month from the tier before up to `up_to`; without it of all the others."""

    up_to: float | None = None
    usd: float


class Price(_Entry):
    """What `per` units cost: `usd`, or less in higher tiers."""

    key: str
    unit: str
    usd: float | None = None
    per: int = 1
    tiers: tuple[Tier, ...] = ()
    checked: Literal["document", "copies", "no"]
    source: str

    @model_validator(mode="after")
    def _one_or_many(self) -> "Price":
        if (self.usd is None) != bool(self.tiers):
            raise ValueError(f"{self.key}: give either usd or tiers")
        ends = [tier.up_to for tier in self.tiers]
        if ends and (ends[-1] is not None or None in ends[:-1]):
            raise ValueError(f"{self.key}: every tier except the last needs up_to; the last must not have it")
        return self

    def cost(self, quantity: float) -> float:
        """Dollars for `quantity` units in a month."""
        if self.usd is not None:
            return quantity * self.usd / self.per
        total, below = 0.0, 0.0
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            total += max(0.0, end - below) * tier.usd / self.per
            below = end
        return total


class PriceList(_Entry):
    """Prices of one region on one day."""

    region: str
    as_of: date
    prices: tuple[Price, ...]

    def price(self, key: str) -> Price:
        """The entry of that key.

        Raises:
            CapacityError: there is none.
        """
        for price in self.prices:
            if price.key == key:
                return price
        raise CapacityError(f"{key} has no price: add it to operations/capacity/{FILE.name}, with its source")

    def cost(self, key: str, quantity: float) -> float:
        """Dollars for `quantity` units of `key` in a month."""
        return self.price(key).cost(quantity)


def load_prices() -> PriceList:
    """The repository's price list."""
    return PriceList.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
