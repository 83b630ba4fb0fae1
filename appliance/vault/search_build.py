"""Builds the search index from opened records, in slices, on a thread of its own.

The caller keeps answering exact searches meanwhile. It notes the number of the last search change
before it begins to read, and applies the changes after that number to the finished index.
"""

from collections.abc import Callable, Iterable, Sequence

from appliance.vault.search import SearchIndex
from appliance.vault.search_text import SearchEntry


def build(
    slices: Iterable[Sequence[SearchEntry]],
    *,
    total: int,
    revision: int,
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> SearchIndex | None:
    """Build an index anew.

    Args:
        slices: opened clients, some hundreds to some thousands at a time, best in the order of
            their ids; read lazily, so the caller decides how much is opened at once.
        total: how many clients there are, for the progress.
        revision: number of the last search change before the reading began.
        progress: told `(done, total)` after every slice.
        stopped: asked after every slice whether to give up, as when the box is being sealed.

    Returns:
        The index, or None when it was told to stop.
    """
    index = SearchIndex()
    done = 0
    for entries in slices:
        index.put_many(entries)
        done += len(entries)
        if progress is not None:
            progress(done, total)
        if stopped is not None and stopped():
            return None
    index.compact()
    index.revision = revision
    return index
