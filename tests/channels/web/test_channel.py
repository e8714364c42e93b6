from __future__ import annotations

import pytest

from bot.errors import PayloadError, SignatureError
from bot.http import Request
from bot.messages import Author, Outgoing, QuickReply
from bot.ports import Call, Channel, Receipt
from channels.fit import fit
from channels.web.channel import WebChannel
from channels.web.gate import network


def test_it_is_a_channel_whose_client_reads_our_log() -> None:
    channel: Channel = WebChannel("web", {})
    assert channel.kind == "web"
    can = channel.capabilities
    assert (can.pull, can.idempotent_send, can.typing) == (True, True, True)
    assert can.quick_replies >= 6


def test_it_has_no_webhook() -> None:
    channel, request = WebChannel("web", {}), Request("POST", "/webhooks/web")
    with pytest.raises(SignatureError, match="no webhook"):
        channel.verify(request)
    with pytest.raises(PayloadError, match="no webhook"):
        channel.parse(request)
    assert channel.acknowledge(request).status == 204


async def test_sending_is_putting_it_where_the_client_reads() -> None:
    channel = WebChannel("web", {})
    outgoing = Outgoing("k1", "v1", "您好", quick_replies=(QuickReply("查订单", "order"),), author_name="智能助手")
    (message,) = fit(outgoing, channel.capabilities)
    (call,) = channel.render(message)
    assert call == Call(
        "message",
        {
            "recipient": "v1",
            "author": Author.BOT,
            "name": "智能助手",
            "text": "您好",
            "quick_replies": [{"label": "查订单", "value": "order"}],
        },
        key="k1",
    )
    assert await channel.send(call) == Receipt("k1")


async def test_check_warns_of_a_chat_that_anybody_may_embed() -> None:
    (open_,) = await WebChannel("web", {}).check()
    (closed,) = await WebChannel("web", {"origins": ["https://shop.example"]}).check()
    assert open_.ok
    assert "origins" in open_.mend
    assert closed.ok
    assert not closed.mend


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert network(address) == counted
