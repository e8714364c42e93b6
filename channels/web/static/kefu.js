// kefu's loader: the button on a company's page. It asks nothing and stores nothing before the visitor acts; the
// conversation itself lives in a frame on our own origin, where the page's scripts cannot read it.
//
//   <script async src="https://HOST/kefu.js" data-site="web"></script>
//   window.kefu = window.kefu || { q: [] }; kefu.q.push(["open"]);   // calls before it has loaded
(() => {
  const script = document.currentScript;
  const waiting = window.kefu?.q ?? [];
  if (!script || window.kefu?.open) return;

  const TEXTS = __TEXTS__; // by key, then by the place of the language: zh-Hans, zh-Hant, en
  const COLORS = __COLORS__;
  const { site = "web", lang, color, position, hideLauncher } = script.dataset;
  const { origin } = new URL(script.src);
  const KEY = `kefu:${site}`;
  const small = () => innerWidth <= 480;

  // ---- what is kept, in the page's own storage; where that is forbidden or full, nothing is ------------------------

  const safely = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  const kept = () => safely(() => JSON.parse(localStorage[KEY])) ?? {};
  const stayOpen = (stay) => safely(() => (sessionStorage[KEY] = stay ? 1 : ""));
  const forget = () => safely(() => delete localStorage[KEY]);
  function keep(patch) {
    const now = { ...kept(), ...patch };
    for (const name in now) if (now[name] === null) delete now[name];
    safely(() => (localStorage[KEY] = JSON.stringify(now)));
  }

  // ---- language and colour -----------------------------------------------------------------------------------------

  const nearest = (tag = "") => [/^zh(?!.*(hant|tw|hk|mo))/i, /^zh/i, /^en/i].findIndex((own) => own.test(tag));
  const wishes = [kept().lang, lang, document.documentElement.lang, ...navigator.languages, "en"];
  const language = wishes.map(nearest).find((n) => n >= 0);
  const t = (key, n) => TEXTS[key][language].replace("{n}", n);

  // The wished colour, darkened until white can be read on it (WCAG AA; 2.2 is close enough to the sRGB curve).
  let rgb = /^#?[\da-f]{6}$/i.test(color) && color.match(/[\da-f]{2}/gi).map((part) => parseInt(part, 16));
  while (rgb && [0.21, 0.72, 0.07].reduce((sum, share, n) => sum + share * (rgb[n] / 255) ** 2.2, 0) > 0.175)
    rgb = rgb.map((c) => c * 0.96);
  const brand = rgb ? `rgb(${rgb})` : (COLORS[site] ?? "#2b59c3");

  // ---- the launcher, in a shadow tree that the page's styles do not reach -------------------------------------------

  const side = position === "left" ? "left" : "right";
  const CSS = `
    *{box-sizing:border-box;margin:0;font:14px/1.5 system-ui,sans-serif}
    button{border:1px solid transparent;padding:0;color:inherit;background:none;cursor:pointer}
    button:focus-visible{outline:2px solid ${brand};outline-offset:2px}
    svg{width:28px;fill:none;stroke:currentColor;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
    .spot,.panel{position:fixed;z-index:2147483000;${side}:20px;bottom:calc(20px + env(safe-area-inset-bottom,0px))}
    .launcher{display:grid;place-items:center;width:56px;height:56px;border-radius:50%;color:#fff;background:${brand} linear-gradient(145deg,#fff2,#0002);box-shadow:0 16px 48px #0f172a38}
    .launcher:hover{filter:brightness(1.1)}
    .badge{position:absolute;top:-3px;right:-3px;min-width:22px;padding:0 6px;border:2px solid #fff;border-radius:11px;background:#c8261b;color:#fff;font-size:12px;text-align:center;pointer-events:none}
    .panel,.preview{background:#fff;color:#1b2130;border-radius:18px;box-shadow:0 0 0 1px #0f172a12,0 16px 48px #0f172a38;animation:rise .2s}
    .preview{position:absolute;bottom:68px;${side}:0;width:280px;display:flex}
    .go{flex:1;min-width:0;padding:12px 0 12px 16px;text-align:start;font-weight:600}
    .go span{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;overflow-wrap:anywhere}
    .shut{width:40px;height:40px}
    .shut svg{width:18px}
    .panel{width:384px;height:min(640px,100vh - 108px);margin-bottom:68px;overflow:hidden}
    iframe{position:absolute;width:100%;height:100%;border:0}
    .wait{display:grid;place-items:center;place-content:center;gap:16px;height:100%;text-align:center}
    .wait button{padding:8px 18px;border-radius:18px;background:${brand};color:#fff}
    i{width:12px;height:12px;border-radius:50%;background:${brand};animation:rise .6s infinite alternate}
    @keyframes rise{from{opacity:0;translate:0 12px}}
    @media (max-width:480px){
      .panel{inset:0;width:auto;height:auto;margin:0;border-radius:0}
      .busy{display:none}
    }
    @media (prefers-color-scheme:dark){.panel,.preview{background:#1c2029;color:#eef0f5}}
    @media (prefers-reduced-motion){*{animation:none!important}}
    @media print{.spot,.panel{display:none}}`;

  // Built node by node: innerHTML is forbidden on pages with Trusted Types.
  function el(tag, props, ...children) {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  }
  const button = (className, onclick, ...children) => el("button", { type: "button", className, onclick }, ...children);
  function icon(d) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    path.setAttribute("d", d);
    svg.append(path);
    return svg;
  }
  const CHAT = "M12 4c-5 0-9 3-9 7 0 2 1 4 3 6l-1 3 4-2c7 1 12-2 12-7 0-4-4-7-9-7M9 11.5c1 2 5 2 6 0";
  const DOWN = "m6 9.5 6 6 6-6";
  const CROSS = "m6 6 12 12M18 6 6 18";

  const label = t("label");
  const holder = el("kefu-chat", {
    role: "region",
    ariaLabel: label,
    lang: t("tag"),
    onkeydown: ({ key }) => void (key === "Escape" && close()),
  });
  holder.style.cssText = "all:initial!important";
  const root = holder.attachShadow({ mode: "open" });
  const launcher = button("launcher", () => toggle());
  launcher.ariaHasPopup = "dialog";
  const badge = el("span", { className: "badge", ariaHidden: true });
  const spot = el("div", {}, launcher, badge);
  const panel = el("div", { className: "panel", role: "dialog", ariaLabel: label });
  const sheet = safely(() => new CSSStyleSheet());
  if (sheet) {
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet]; // not subject to the page's style-src
  } else root.append(el("style", { nonce: script.nonce }, CSS));
  root.append(panel, spot);

  // ---- the frame ---------------------------------------------------------------------------------------------------

  let frame, line, giveUp;
  const tell = (t, d) => line?.port1.postMessage({ t, d }); // a port keeps what is said until the frame listens

  function expect() {
    clearTimeout(giveUp);
    giveUp = setTimeout(failed, 10000);
  }

  function load() {
    if (frame) return;
    const src = new URL(`${origin}/w/${encodeURIComponent(site)}?lang=${kept().lang ?? t("tag")}`);
    if (rgb) src.searchParams.set("color", color);
    line = new MessageChannel();
    line.port1.onmessage = ({ data: { t: name, d } }) => (handlers[name] ?? emit)(d, name);
    frame = el("iframe", { title: label, src, onload: greet });
    panel.replaceChildren(frame, el("div", { className: "wait" }, el("i")));
    expect();
  }

  // The frame gets the visitor's things through a port of its own, and only if it really is ours.
  function greet() {
    frame.contentWindow.postMessage({ kefu: "init", kept: kept(), open: opened }, origin, [line.port2]);
    frame.onload = reload;
    expect();
  }

  function reload() {
    frame = null;
    load();
  }

  function ready() {
    clearTimeout(giveUp);
    frame.nextSibling?.remove();
  }

  function failed() {
    panel.replaceChildren(el("div", { className: "wait", role: "alert" }, t("error"), button("", reload, t("retry"))));
  }

  // ---- opening, closing, counting ----------------------------------------------------------------------------------

  let back, preview;
  let opened = false;
  let unread = 0;
  let hidden = hideLauncher !== undefined;

  function dress() {
    launcher.ariaExpanded = opened;
    launcher.ariaLabel = unread ? t("unread", unread) : label;
    launcher.replaceChildren(icon(opened ? DOWN : CHAT));
    badge.hidden = opened || !unread;
    badge.textContent = unread > 99 ? "99+" : unread;
    spot.hidden = hidden;
    spot.className = opened ? "spot busy" : "spot";
    panel.hidden = !opened;
    if (opened || hidden || !unread) dismiss();
    fitKeyboard();
  }

  function setHidden(now) {
    hidden = now;
    dress();
  }

  // On small screens the chat fills the window; iOS hides part of it behind the keyboard unless told how much is left.
  function fitKeyboard() {
    const { height, offsetTop } = visualViewport;
    panel.style.cssText =
      small() && height < innerHeight - 80 ? `height:${height}px;top:${offsetTop}px;bottom:auto` : "";
  }

  function open(focus = true) {
    if (opened) return;
    back = root.activeElement ?? document.activeElement;
    opened = true;
    load();
    dress();
    tell("open", { focus });
    if (focus) frame.focus();
    stayOpen(!small());
    emit({}, "open");
  }

  function close() {
    if (!opened) return;
    opened = false;
    dress();
    tell("close");
    stayOpen(false);
    (back === document.body || !back?.isConnected ? launcher : back).focus({ preventScroll: true });
    emit({}, "close");
  }

  const toggle = () => (opened ? close() : open());

  const dismiss = () => preview?.remove();

  function count({ n, name, text }) {
    const news = n > unread && !opened && !hidden;
    unread = n;
    dress();
    if (news) {
      dismiss();
      const shut = button("shut", dismiss, icon(CROSS));
      shut.ariaLabel = t("dismiss");
      preview = el(
        "div",
        { className: "preview", role: "status" },
        button("go", api.open, name, el("span", {}, text)),
        shut,
      );
      spot.prepend(preview);
    }
    emit({ count: n }, "unread");
  }

  const handlers = { keep, forget, reload, close, ready, unread: count };
  addEventListener("storage", ({ key }) => key === KEY && tell("kept", kept()));
  for (const event of ["resize", "scroll"]) visualViewport.addEventListener(event, fitKeyboard);

  // ---- window.kefu -------------------------------------------------------------------------------------------------

  const listeners = {};
  // Later, so that what the page does with it cannot break us.
  const emit = (detail, name) => listeners[name]?.forEach((fn) => setTimeout(fn, 0, detail));

  const api = {
    open: () => open(),
    close,
    toggle,
    show: () => setHidden(false),
    hide: () => setHidden(true),
    on(name, fn) {
      (listeners[name] ??= []).push(fn);
      if (name === "ready" && holder.isConnected) fn({});
    },
    // Says something for the visitor, as if he had tapped a button: "I have a question about order 1001".
    startTopic(text) {
      open();
      tell("topic", { text });
    },
    // The visitor logged out of the page: his token is revoked, and nothing of the chat stays on this device.
    logout() {
      const { token } = kept();
      forget();
      if (frame || token) {
        load();
        tell("logout", token);
      }
    },
  };
  const run = ([name, ...args]) => api[name]?.(...args);
  api.q = { push: run };
  window.kefu = api;

  function begin() {
    document.body.append(holder);
    dress();
    emit({}, "ready");
    waiting.forEach(run);
    if (safely(() => sessionStorage[KEY]) && !small()) open(false);
    else if (kept().token) later(); // he talked to us before: answers may have come
  }

  function later() {
    if (document.hidden) document.addEventListener("visibilitychange", later, { once: true });
    else setTimeout(load, 1000);
  }

  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
