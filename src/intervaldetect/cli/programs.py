"""The command for programs that ask. Heavy imports stay inside."""

from __future__ import annotations

from intervaldetect.cli.history import AthleteOption, StoreArgument, TimezoneOption
from intervaldetect.cli.running import errors
from intervaldetect.cli.shared import app


@app.command()
def mcp(
    store: StoreArgument, athlete: AthleteOption = None, timezone: TimezoneOption = None
) -> None:
    """Serve a store to programs, read-only, over standard input and output (extra mcp)."""
    with errors():
        from intervaldetect.mcp_server import server_of

        server_of(store, athlete=athlete, timezone=timezone).run("stdio")
