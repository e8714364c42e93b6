"use strict";
// Reads {url, appid, secret, steps: [[method, ...args], …]}, calls wechat-api's methods, writes what each gave.
const API = require("wechat-api");

async function main() {
  const { url, appid, secret, steps } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const api = new API(appid, secret);
  api.endpoint = url;
  api.fileServerPrefix = `${url}/cgi-bin/`;
  const told = [];
  for (const [method, ...given] of steps) {
    told.push(await new Promise((resolve) => {
      api[method](...given, (error, result) => {
        if (error) resolve({ error: error.code });
        else resolve(Buffer.isBuffer(result) ? { base64: result.toString("base64") } : result);
      });
    }));
  }
  process.stdout.write(JSON.stringify(told));
}

main();
