// One request to our own server, with an end in sight; and how long to wait before the next.

import { data } from "./dom.js";

export const BASE = `/api/w/${encodeURIComponent(data.inbox)}/`;

// status 0: no answer came. wait: seconds the server asked us to wait.
export async function call(method, path, { token, body, timeout = 15000, stop = new AbortController() } = {}) {
  const timer = setTimeout(() => stop.abort(), timeout);
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: stop.signal,
      credentials: "omit",
    });
    if (response.status === 204) return null;
    const answer = await response.json();
    if (response.ok) return answer;
    throw { status: response.status, code: answer.error, wait: Number(response.headers.get("Retry-After")) };
  } catch (error) {
    throw error.status ? error : { status: 0 };
  } finally {
    clearTimeout(timer);
  }
}

// Seconds before attempt n: full jitter, so that a restarted server is not met by everybody at once.
export const jitter = (n, most = 30) => Math.min(most, 2 ** n) * (0.5 + Math.random());

// A pause that `wake` ends early.
export class Nap {
  async take(seconds) {
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, seconds * 1000);
    });
  }

  wake() {}
}
