"""The desk: the pages agents work in, and the small JSON API and socket behind them."""

from handoff.desk.ground import DeskGround
from handoff.desk.routes import routes

__all__ = ["DeskGround", "routes"]
