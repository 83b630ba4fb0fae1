"""Parcels with their steps, and the carriers' points of towns that were asked for."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class ParcelRow(Table, tablename="parcel"):
    """What a carrier carries for an order; who gets it stands on the order alone."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    version = Integer(default=1)
    order_id = UUID()
    shipment_id = UUID(null=True, default=None)
    plugin = Varchar(length=41)
    account = Varchar(length=64, default="")
    carrier = Varchar(length=100, default="")  # what people called it when it was chosen
    own_number = Varchar(length=40)
    tariff = Varchar(length=64)
    tariff_name = Varchar(length=200, default="")
    gives = Varchar(length=8)  # domain.parcels.Gives
    point = Varchar(length=64, default="")
    point_name = Text(default="")
    state = Varchar(length=20)  # domain.parcels.State
    base_state = Varchar(length=20)  # what box and plugin know, steps left aside
    deed = Varchar(length=8, default="")  # domain.parcels.Deed that is under way
    trouble = Varchar(length=64, default="")  # code of the plugin's texts
    stale = Boolean(default=False)
    carrier_id = Varchar(length=64, default="")
    track = Varchar(length=64, default="")
    track_url = Text(default="")
    grams = Integer()
    length_mm = Integer(default=0)
    width_mm = Integer(default=0)
    height_mm = Integer(default=0)
    declared = BigInt(default=0)
    cod = BigInt(default=0)
    buyer_pays = BigInt(default=0)  # kopecks, as agreed when it was chosen
    quoted = BigInt(default=0)
    billed = BigInt(null=True, default=None)
    days_min = Integer(default=0)
    days_max = Integer(default=0)
    day = Date(null=True, default=None)
    hours = Varchar(length=16, default="")
    label = UUID(null=True, default=None)  # of file
    laid_at = Timestamptz(null=True, default=None)  # scanned, lies with what is handed over next
    given_at = Timestamptz(null=True, default=None)  # handed over, whatever the carrier says yet
    created_at = Timestamptz()
    updated_at = Timestamptz()


class ParcelStepRow(Table, tablename="parcel_step"):
    """One step of a parcel's way; the same one told twice is one row."""

    id = UUID(primary_key=True, default=uuid7)
    parcel_id = UUID()
    code = Varchar(length=64)
    state = Varchar(length=20, default="")  # empty: nobody knows that code
    at = Timestamptz()
    place = Varchar(length=120, default="")
    reason = Varchar(length=64, default="")
    taken_back = Boolean(default=False)
    told_at = Timestamptz()


class CarrierTownRow(Table, tablename="carrier_town"):
    """The points of one town as a carrier listed them last."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=41)
    account = Varchar(length=64, default="")
    town = Varchar(length=140)  # domain.parcel_points.key_of
    points = Text(default="[]")  # JSON of plugin_api.parcels.Point
    asked_at = Timestamptz()
