"""Goods, prices, stock and the documents that move it."""

from typing import Final

from appliance.actions import (
    catalogue,
    catalogue_runs,
    coupons,
    fields,
    goods_feeds,
    products,
    stock_documents,
)
from appliance.api.v1.operation import Operation, group

op = group("products")
stock = group("stock")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/products", products.list_page,
       covers=("products.list_page", "catalogue.screen")),
    op("POST", "/products/search", catalogue.screen, following="after"),
    op("POST", "/products", catalogue.save, fixed={"number": 0}, made=True),
    op("POST", "/products/upload", products.upload, gives="numbers"),
    op("GET", "/products/names", catalogue.names),
    op("GET", "/products/{number}", catalogue.card, covers=("catalogue.card", "catalogue.seen_of")),
    op("PUT", "/products/{number}", catalogue.save),
    op("POST", "/products/{number}/checked", catalogue.mark_checked),
    op("POST", "/products/{number}/pictures", catalogue.add_picture, made=True),
    op("POST", "/products/{number}/pictures/{picture}/first", catalogue.first_picture),
    op("DELETE", "/products/{number}/pictures/{picture}", catalogue.remove_picture),
    op("GET", "/pictures/{picture_id}", catalogue.picture),
    op("GET", "/products/{number}/fields", fields.of_product),
    op("PUT", "/products/{number}/fields", fields.fill_product, gives="version"),
    op("POST", "/categories", catalogue.save_category, fixed={"number": 0}, made=True),
    op("PUT", "/categories/{number}", catalogue.save_category),
    op("POST", "/prices", products.upload_prices),
    op("GET", "/coupons", coupons.screen),
    op("PUT", "/coupons", coupons.put),
    op("GET", "/catalogue-runs", catalogue_runs.list_newest),
    op("POST", "/catalogue-runs/{code}", catalogue_runs.ask, made=True),
    op("GET", "/catalogue-runs/{number}", catalogue_runs.report),
    op("GET", "/goods-feeds", goods_feeds.list_all),
    op("POST", "/goods-feeds", goods_feeds.open_feed, covers=("goods_feeds.add",), made=True,
       once=False),
    op("DELETE", "/goods-feeds/{number}", goods_feeds.close),
    stock("GET", "/stock", products.list_inventories),
    stock("POST", "/stock", products.upload_stock),
    stock("PUT", "/stock/{warehouse}/{variant_number}", products.set_stock),
    stock("GET", "/stock-documents", stock_documents.page, following="after"),
    stock("POST", "/stock-documents", stock_documents.create, made=True),
    stock("GET", "/suppliers", stock_documents.choose_supplier),
    stock("GET", "/stock-documents/{number}", stock_documents.card),
    stock("PUT", "/stock-documents/{number}/lines/{variant}", stock_documents.put_line),
    stock("DELETE", "/stock-documents/{number}/lines/{variant}", stock_documents.drop_line),
    stock("POST", "/stock-documents/{number}/lines", stock_documents.fill, gives="missing"),
    stock("POST", "/stock-documents/{number}/scan", stock_documents.scan, gives="variant"),
    stock("POST", "/stock-documents/{number}/post", stock_documents.post),
    stock("POST", "/stock-documents/{number}/receive", stock_documents.receive),
    stock("POST", "/stock-documents/{number}/reopen", stock_documents.reopen),
    stock("POST", "/stock-documents/{number}/undo", stock_documents.undo),
)  # fmt: skip
