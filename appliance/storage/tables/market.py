"""Marketplaces: accounts, postings, offers. Nothing in them names a person."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class MarketAccountRow(Table, tablename="market_account"):
    """A shop of ours on a marketplace, and what of our stock it may sell."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    plugin = Varchar(length=41)
    code = Varchar(length=64)
    market = Varchar(length=16)
    title = Varchar(length=200)
    shop = Varchar(length=64)  # where its orders come from, in the box's own list
    warehouse = Varchar(length=64, default="")  # whose stock it sells; empty: the shop's own
    price_type = Varchar(length=64, default="base")
    buffer_milli = BigInt(default=0)  # kept back from this marketplace
    sends_stock = Boolean(default=True)
    sends_price = Boolean(default=False)
    made_at = Timestamptz()


class PostingRow(Table, tablename="posting"):
    """What is packed and handed over as one; one order of the box each."""

    id = UUID(primary_key=True, default=uuid7)
    account_id = UUID()
    posting = Varchar(length=64)
    group_key = Varchar(length=64, default="")
    parent = Varchar(length=64, default="")
    order_id = UUID()
    order_number = BigInt()
    state = Varchar(length=20)  # domain.market.PostingState
    raw_status = Varchar(length=64)
    raw_substatus = Varchar(length=64, default="")
    deadline = Timestamptz(null=True, default=None)
    track = Varchar(length=64, default="")
    method = Varchar(length=200, default="")
    express = Boolean(default=False)
    reason = Varchar(length=200, default="")
    actions = Text(default="[]")  # JSON: words of plugin_api.postings.Deed
    short = Boolean(default=False)  # goods for it could not be set aside
    unmatched = Integer(default=0)  # lines whose article means no variant
    wish = Varchar(length=16, default="")
    wish_at = Timestamptz(null=True, default=None)
    wish_error = Varchar(length=64, default="")
    wish_data = Text(default="{}")  # JSON: codes, e.g. of the reason of a cancellation
    read_at = Timestamptz()  # when the plugin asked for what stands here
    made_at = Timestamptz()


class PostingLineRow(Table, tablename="posting_line"):
    """A line of a posting and the order's line made of it."""

    id = UUID(primary_key=True, default=uuid7)
    posting_id = UUID()
    position = Integer()
    offer_id = UUID()
    vendor_id = Varchar(length=64, default="")
    name = Text(default="")
    quantity = Integer()
    price = BigInt()
    requires = Text(default="[]")  # JSON: kinds of codes
    codes = Text(default="[]")  # JSON: codes scanned for it, a kind before each: `mark:0104…`
    line_id = UUID()
    returned = Integer(default=0)  # pieces that came back to the seller


class MarketOfferRow(Table, tablename="market_offer"):
    """An offer of an account: the variant it means, and what the other side was told of it.

    `changed` counts changes of its stock, `sent` is the count whose figure was sent last: however
    often the stock changes, the offer waits once.
    """

    id = UUID(primary_key=True, default=uuid7)
    account_id = UUID()
    article = Varchar(length=255)
    name = Text(default="")
    vendor_ids = Text(default="{}")  # JSON: the other side's ids by kind
    variant_id = UUID(null=True, default=None)
    by_hand = Boolean(default=False)  # a colleague said which variant it is
    buffer_milli = BigInt(null=True, default=None)  # instead of the account's
    changed = BigInt(default=1)
    sent = BigInt(default=0)
    stock = Integer(null=True, default=None)
    stock_at = Timestamptz(null=True, default=None)
    stock_wait = Timestamptz(null=True, default=None)
    stock_error = Varchar(length=64, default="")
    price = BigInt(null=True, default=None)
    price_wait = Timestamptz(null=True, default=None)
    price_error = Varchar(length=64, default="")
    made_at = Timestamptz()
