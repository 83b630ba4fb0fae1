"""Who takes what from the outbox; plugins are admitted by their desk."""

from collections.abc import Mapping

from appliance.boot.doors import outside
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.jobs import post
from appliance.plugin_host.postman import Handler
from appliance.web.notices import words_of as notice_words


def handlers_of(opened: OpenHouse) -> Mapping[tuple[str, str], Handler]:
    """What the house itself takes from its outbox: (subscriber, event) → handler."""
    config = opened.config
    base = outside(config) or config.address

    def words(notice: tuple[str, str, int, str]) -> Mapping[str, str]:
        return notice_words(notice, config.address)

    return post.handlers(HOUSE_ACTOR, opened.house.clock, words, base)
