from datetime import timedelta

import pytest

from appliance.domain.grants import Grant, Scope
from appliance.domain.ids import uuid7
from appliance.domain.users import RevealBudget
from appliance.errors import Throttled
from appliance.storage import budgets
from appliance.storage.statements import insert_many
from appliance.storage.tables import RevealRow
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse


async def test_a_spent_budget_says_when_the_next_reveal_is_free(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    oldest = house.clock.now - timedelta(hours=20)
    shown = [
        {"user_id": seller.id, "customer_id": uuid7(), "kind": "reveal", "at": oldest}
        for _ in range(RevealBudget().day)
    ]

    async def fill() -> None:
        await insert_many(RevealRow, shown)

    async def one_more() -> None:
        tx = Tx(seller, Grant(Scope.ALL), house.vault, house.index, house.clock.now)
        await budgets.spend(tx, "reveal", uuid7())

    await house.write(fill)
    with pytest.raises(Throttled) as refused:
        await house.write(one_more)
    assert refused.value.code == "reveal_budget_spent"
    assert refused.value.params["seconds"] == 4 * 3600
