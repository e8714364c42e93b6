/* Commands and questions to the server. */

export class ApiError extends Error {
  /** `status` 0: nobody answered. `data`: what the server said. */
  constructor(status, data = {}) {
    super(data.message || `HTTP ${status}`);
    this.status = status;
    this.error = data.error || "";
    this.data = data;
  }

  /** Trying the same again may help. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const PATIENCE = 20000;

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`/api/desk${path}`, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new ApiError(0);
  }
  const data = await response.json().catch(() => ({}));
  if (response.ok) return data;
  if (response.status === 401) signIn();
  if (data.error === "must_change") location.assign("/desk/password");
  throw new ApiError(response.status, data);
}

/** The login ended. Drafts and unsent messages are kept in this browser. */
export function signIn() {
  location.assign(`/desk/login?next=${encodeURIComponent(location.pathname)}`);
}

/** Send a file as it is. {answer: a promise, stop()}; `progress` hears how much of it is out, 0 to 1. */
export function upload(path, file, progress) {
  const request = new XMLHttpRequest(); // fetch does not tell how far it is
  const answer = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      const data = request.response ?? {};
      if (request.status === 401) signIn();
      if (request.status >= 200 && request.status < 300) resolve(data);
      else reject(new ApiError(request.status, data));
    };
    request.onerror = request.onabort = () => reject(new ApiError(0));
  });
  request.open("POST", `/api/desk${path}`);
  request.responseType = "json";
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
  return { answer, stop: () => request.abort() };
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
