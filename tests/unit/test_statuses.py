from appliance.domain.references import Status
from appliance.domain.statuses import Goods, allowed_moves, goods_of, may_move, stock_effect

STATUSES = {
    status.code: status
    for status in (
        Status(code="new", name="Новый", group="new", position=1, moves=("ready", "off")),
        Status(code="ready", name="Готов", group="delivery", position=3),
        Status(code="off", name="Отменён", group="cancel", position=2, moves=("new",)),
        Status(code="old", name="Старый", group="new", position=4, active=False),
    )
}


def test_moves_come_in_the_order_of_the_list() -> None:
    assert [status.code for status in allowed_moves(STATUSES, "new")] == ["off", "ready"]


def test_a_status_without_moves_may_go_to_any_active_one() -> None:
    assert [status.code for status in allowed_moves(STATUSES, "ready")] == ["new", "off"]


def test_a_move_that_is_not_in_the_matrix_is_no_move() -> None:
    assert may_move(STATUSES, "new", "ready")
    assert not may_move(STATUSES, "off", "ready")
    assert not may_move(STATUSES, "new", "new")


def test_goods_are_held_while_the_order_lives_and_let_go_when_it_is_cancelled() -> None:
    assert [goods_of(group) for group in ("new", "complete", "cancel")] == [
        Goods.HELD,
        Goods.ISSUED,
        Goods.FREE,
    ]
    assert stock_effect(Goods.HELD, 5) == (0, 5)
    assert stock_effect(Goods.ISSUED, 5) == (-5, 0)
    assert stock_effect(Goods.FREE, 5) == (0, 0)
