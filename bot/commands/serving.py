"""`kefu serve`."""

from __future__ import annotations

from pathlib import Path

from bot import __version__, app, logs
from bot.app import App
from bot.commands import ground


def serve(config: Path | None) -> None:
    """Serve until a signal; says where to look once the address answers."""
    settings = ground.load(config)
    logs.configure(settings.log)
    app.serve(settings, told)


def told(running: App, *more: str) -> None:
    """Where everything is, and the first login if one was made."""
    url = running.settings.web.url
    pages = [name for name, channel in running.channels.items() if channel.capabilities.pull]
    called = [name for name, one in running.channels.items() if one.capabilities.webhook and name not in pages]
    print(f"kefu {__version__}")
    for name in pages:
        print(f"  在线客服 chat    {url}/w/{name}")
    for name in called:
        print(f"  回调 webhook     {running.settings.web.webhook(name)}")
    print(f"  坐席工作台 desk  {url}/desk")
    if running.password:
        print(f"  首次登录 first login: admin  {running.password}  (只显示这一次 shown only now)")
    for line in more:
        print(f"  {line}")
    print("  停止 stop: Ctrl-C", flush=True)
