"use strict";
// Reads {library, token, key, id, sealed, plain}; writes what the library makes of both.
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));

function wechat() {
  const WXBizMsgCrypt = require("wechat-crypto");
  const crypto = new WXBizMsgCrypt(given.token, given.key, given.id);
  return {
    opened: crypto.decrypt(given.sealed),
    sealed: crypto.encrypt(given.plain),
    signature: crypto.getSignature("1713424427", "n1", given.sealed),
  };
}

function wecom() {
  const crypto = require("@wecom/crypto");
  return {
    opened: crypto.decrypt(given.key, given.sealed),
    sealed: crypto.encrypt(given.key, given.plain, given.id),
    signature: crypto.getSignature(given.token, "1713424427", "n1", given.sealed),
  };
}

const { opened, sealed, signature } = given.library === "wecom" ? wecom() : wechat();
process.stdout.write(JSON.stringify({ message: opened.message, id: opened.id, sealed, signature }));
