from uuid import UUID

from appliance.domain.assignment import Assigned, Candidate, Reason, Spreading, claimed, spread_to

ANNA, BORIS = UUID(int=1), UUID(int=2)
BOTH = [Candidate(BORIS, 2, open_orders=1), Candidate(ANNA, 1, open_orders=4)]


def test_the_clients_own_manager_comes_before_the_one_the_order_names() -> None:
    assert claimed(ANNA, BORIS) == Assigned(ANNA, Reason.CLIENT_OWNER)
    assert claimed(None, BORIS) == Assigned(BORIS, Reason.EXPLICIT)
    assert claimed(None, None) is None


def test_a_round_gives_everybody_his_turn() -> None:
    turns = [spread_to(Spreading.ROUND_ROBIN, BOTH, turn).manager for turn in range(4)]
    assert turns == [ANNA, BORIS, ANNA, BORIS]


def test_the_least_loaded_seller_gets_the_order() -> None:
    assert spread_to(Spreading.LEAST_LOADED, BOTH, 0) == Assigned(BORIS, Reason.LEAST_LOADED)


def test_without_rule_or_sellers_nobody_gets_the_order() -> None:
    assert spread_to(Spreading.NOBODY, BOTH, 0).manager is None
    assert spread_to(Spreading.ROUND_ROBIN, [], 0) == Assigned(None, Reason.NOBODY)
