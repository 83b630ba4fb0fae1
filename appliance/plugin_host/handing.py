"""Papers that a carrier's plugin answered, as one file for whoever asked."""

import io
import zipfile
from collections.abc import Sequence
from typing import Final, NamedTuple

from appliance.plugin_api.handing import Paper

PDF: Final = "application/pdf"
ZIP: Final = "application/zip"
PLAIN: Final = "application/octet-stream"


class File(NamedTuple):
    """Bytes to give away; `ending` of their name."""

    body: bytes
    media: str
    ending: str


def as_one(papers: Sequence[Paper]) -> File:
    """A single paper as it is, several in one archive: a browser takes one file."""
    if len(papers) == 1:
        (one,) = papers
        is_pdf = one.media == PDF
        return File(one.body.reveal(), PDF if is_pdf else PLAIN, "pdf" if is_pdf else "bin")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in papers:
            # The name is the plugin's: only its last part, so that it leads into no folder.
            archive.writestr(one.name.replace("\\", "/").rpartition("/")[2], one.body.reveal())
    return File(held.getvalue(), ZIP, "zip")
