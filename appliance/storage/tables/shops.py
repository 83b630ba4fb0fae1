"""Shops that are connected: runs of their catalogues."""

from piccolo.columns import UUID, BigInt, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class CatalogueRunRow(Table, tablename="catalogue_run"):
    """One reading of a shop's catalogue. `domain.catalogue_runs` has states and origins.

    `position` is the place of the last offer taken over: a run that was cut short goes on behind.
    """

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    shop = Varchar(length=64)
    state = Varchar(length=16, default="waiting")
    origin = Varchar(length=16)  # schedule, shop, address, file
    by_number = BigInt(default=0)  # who asked; 0: the house or a program
    made_at = Timestamptz()
    begun_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    size = BigInt(default=0)
    digest = Varchar(length=64, default="")  # SHA-256 of the file
    etag = Varchar(length=255, default="")
    modified = Varchar(length=64, default="")
    groups = Integer(default=0)
    offers = Integer(default=0)
    position = Integer(default=0)
    tally = Text(default="{}")  # JSON: outcome → how many
    error = Varchar(length=64, default="")
    told = Varchar(length=64, default="")  # a code of what should be known of a run that is done


class CatalogueNoteRow(Table, tablename="catalogue_note"):
    """What became of an offer, as far as a report tells it one by one."""

    id = UUID(primary_key=True, default=uuid7)
    run_id = UUID()
    place = Integer()
    outcome = Varchar(length=16)
    external_id = Varchar(length=255, default="")
    product_number = BigInt(default=0)
    field = Varchar(length=32, default="")
    code = Varchar(length=64, default="")
