"""1C bases as they talk to a site: they always begin, they obey their own habits, they repeat.

Built from the descriptions of the exchange alone, not from the plugin that answers it.
"""
