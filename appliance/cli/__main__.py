"""`python -m appliance.cli`: the same command where no script was installed."""

from appliance.cli import main

main()
