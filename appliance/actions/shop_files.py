"""Files that a shop's programs send, hang on clients and orders, and fetch."""

from appliance.actions._gate import action
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.shop_files import FileBytes, FileFilter, FilePage, FileTarget, FileView
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import customers, files, orders, shop_files
from appliance.storage.shop_files import Home
from appliance.storage.tx import Tx


@action(Permission.FILE_READ, reads=True)
async def index(tx: Tx, asked: FileFilter, page: int, limit: int) -> FilePage:
    """A page by its number; a list of numbers is answered whole."""
    limit = max(limit, len(asked.numbers))
    rows, total = await shop_files.page(tx, asked, (page - 1) * limit, limit)
    return FilePage(rows=rows, total=total)


@action(Permission.FILE_READ, reads=True)
async def get(tx: Tx, number: int) -> FileView:
    """One file without its bytes.

    Raises:
        NotFound: `attachment_not_found`.
    """
    return (await shop_files.find(tx, number)).view


@action(Permission.FILE_READ, reads=True)
async def download(tx: Tx, number: int) -> FileBytes:
    """A file with its bytes; every opening is written down.

    Raises:
        NotFound: `attachment_not_found`.
        Damaged, Destroyed: see `files.read`.
    """
    held = await shop_files.find(tx, number)
    tx.about("file", held.file_id)
    _, body = await files.read(tx, held.file_id)
    return FileBytes(view=held.view, body=Personal(body))


@action(Permission.TIMELINE_WRITE)
async def upload(tx: Tx, name: str, body: Personal[bytes], media: str) -> int:
    """Keep bytes, byte for byte; give their number.

    Raises:
        Invalid: `attachment_empty`, `attachment_too_large`.
        Unavailable: `disk_full`, `storage_failed`.
    """
    return await shop_files.take_in(tx, name, body, media)


@action(Permission.TIMELINE_WRITE)
async def edit(tx: Tx, shop: str, number: int, name: str, target: FileTarget) -> FileView:
    """Give a file a name and say whose it is.

    Raises:
        NotFound: `attachment_not_found`, `customer_not_found`, `order_not_found`.
    """
    held = await shop_files.find(tx, number)
    await shop_files.settle(tx, held, name, await _home(tx, shop, target))
    return (await shop_files.find(tx, number)).view


async def _home(tx: Tx, shop: str, target: FileTarget) -> Home | None:
    if target.order is not None:
        order = await orders.get(tx, target.order)
        return Home(order.customer_id, order.subject_id, order.id)
    if target.customer is None:
        return None
    return await _client(tx, shop, target.customer)


async def _client(tx: Tx, shop: str, ref: CustomerRef) -> Home:
    known = await customers.find_by_ref(tx, shop, ref)
    if known is None or known.state != "live" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    return Home(known.id, known.subject_id, None)


@action(Permission.TIMELINE_WRITE)
async def delete(tx: Tx, number: int) -> None:
    """Take a file back.

    Raises:
        NotFound: `attachment_not_found`: absent, or taken back already.
    """
    await shop_files.remove(tx, await shop_files.find(tx, number))
