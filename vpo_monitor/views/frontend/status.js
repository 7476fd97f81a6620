// The badge, the tab's title, notifications, and what the app needs to know of the tab. The browser
// counts the times: it costs the app nothing, and goes on if the app is gone. All text is plain.
import { formatDuration } from "./shared/duration.js";
import { storageOf } from "./shared/storage.js";
import { goTo, follow } from "./shared/go_to.js";
import { cancelLatePages } from "./shared/late_pages.js";
import { Notifications } from "./shared/notifications.js";

// Seconds. A tick that is so late (RERUN) is requested again; as long after that the whole page is,
// and then every RERUN_EVERY. After LATE the page says that it isn't updating. If the page
// doesn't match the URL for PAGE_LATE, the URL's page is requested again.
const RERUN = 5, RERUN_EVERY = 10, LATE = 30, PAGE_LATE = 5;
const STABLE_FRAMES = 2;
const APP_CHECK = 5000; // milliseconds
const RETURN_EVERY = 2; // seconds between reruns once an app that was gone responds again
const TOAST_SHOWN = 15000; // milliseconds
const MOST_TOASTS = 4;
const MOST_SEEN = 200;
const FOLLOWED = "vpo-monitor-followed"; // plus the server's name if there are several

const number = (count) => count.toLocaleString(undefined, { numberingSystem: "latn" });

class Status {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.notifications = new Notifications(storageOf("localStorage"));
    this.find(".bell").onclick = () => this.toggleNotifications();
    this.onVisibility = () => this.report();
    this.onTick = () => this.take(window.vpoMessages["tick-message"]);
    this.onJump = () => this.jump(window.vpoMessages["jump-to"].data);
    this.onNotificationClick = ({ data }) => goTo(data.target);
  }

  // start and stop may be called more than once.
  start() {
    this.stop();
    document.addEventListener("visibilitychange", this.onVisibility);
    addEventListener("vpo-tick-message", this.onTick);
    addEventListener("vpo-jump-to", this.onJump);
    navigator.serviceWorker?.addEventListener("message", this.onNotificationClick);
    this.clock = setInterval(() => this.show(), 1000);
    this.appCheck = setInterval(() => this.checkApp(), APP_CHECK);
    if (window.vpoMessages?.["tick-message"]) this.onTick();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    removeEventListener("vpo-tick-message", this.onTick);
    removeEventListener("vpo-jump-to", this.onJump);
    navigator.serviceWorker?.removeEventListener("message", this.onNotificationClick);
    clearInterval(this.clock);
    clearInterval(this.appCheck);
  }

  // Take what a tick has sent, and the means to report back.
  take({ data, setStateValue }) {
    this.data = data;
    this.setState = setStateValue ?? this.setState;
    this.takenAt = Date.now();
    this.rerunAt = 0;
    this.isGone = this.isBack = false;
    this.mismatchSince ??= this.matchesUrl() ? null : Date.now();
    this.show();
    this.showBell();
    this.reveal();
    this.report();
    this.rememberFollowed();
    if (!data.kiosk) for (const item of data.notifications) this.notify(item);
    for (const part of ["view", "rows"])
      if (data[part] && data[part] !== this.requested) {
        this.requested = data[part];
        window.vpoMessages["rerun-" + part]?.setTriggerValue("rerun", data[part]);
      }
  }

  jump({ target, mark, turn }) {
    if (turn === window.vpoJumped) return;
    window.vpoJumped = turn;
    // Mark the current URL, so that Back and a reload restore it.
    const here = new URL(location);
    for (const [name, value] of Object.entries(mark)) here.searchParams.set(name, value);
    history.replaceState(history.state, "", here);
    goTo(target);
  }

  report() {
    if (!this.data) return;
    const visible = document.visibilityState !== "hidden";
    const { reported } = this.data;
    if (visible !== reported.visible) this.setState("visible", visible);
    const { isOn } = this.notifications;
    if (isOn !== reported.notified) this.setState("notified", isOn);
  }

  // The page is hidden until the elements that would shift it are there, and its height is stable.
  reveal(frames = 0, before = null) {
    const page = document.querySelector(".st-key-page:not([data-shown])");
    if (!page) return this.startTimer();
    const isLoading = page.querySelector("[data-testid=stSkeleton]");
    const height = page.scrollHeight;
    const stable = !isLoading && height === before ? frames + 1 : 0;
    if (stable === STABLE_FRAMES) {
      page.toggleAttribute("data-shown", true);
      window.vpoTurn?.skipTransition();
      this.startTimer();
    } else requestAnimationFrame(() => this.reveal(stable, height));
  }

  // A page's first tick draws no timer, which would delay the page; the next one does. If this
  // request is lost, the late tick is requested again. If it is sent together with the request of a
  // part, Streamlit runs only the tick, which requests the part again.
  startTimer() {
    if (!this.data.start_timer || this.started === this.data) return;
    this.started = this.data;
    this.requestTick();
  }

  requestTick() {
    window.vpoMessages["tick-message"].setTriggerValue("rerun", this.takenAt);
  }

  show() {
    const { data } = this;
    if (!data) return;
    const passed = (Date.now() - this.takenAt) / 1000;
    const isLate = data.next !== null && passed > data.next + LATE;
    const isStale = (limit) => isLate || (limit !== null && passed > limit);
    const due = data.start_timer ? 0 : data.next;
    const isOverdue = due !== null && passed > due + RERUN;
    if (this.isBack) this.rerun(passed, RETURN_EVERY);
    else if (isOverdue) this.rerun(passed, RERUN_EVERY);
    const word = this.find(".badge b");
    const status = isLate ? "Not updating" : data.word;
    if (word.textContent !== status) word.textContent = status; // screen readers announce it
    word.className = isLate ? "red" : data.color;
    const text = this.find(".badge span");
    text.textContent = this.details(passed, isLate).join(" · ");
    text.className = isStale(data.stale_in) ? "stale" : "";
    const isDue = data.next !== null && passed >= data.next && !isLate && !data.kiosk;
    this.find(".badge").toggleAttribute("data-refreshing", isDue);
    const page = document.documentElement;
    page.toggleAttribute("data-old", isStale(data.stale_in));
    page.toggleAttribute("data-old-counts", isStale(data.counts_stale_in));
    page.toggleAttribute("data-failing", data.retrying);
    if (data.kiosk) this.showClock();
    this.requestLostPage();
    if (data.rotation && !isOverdue) this.rotate();
    this.showTitle(isStale(data.counts_stale_in));
  }

  // The whole page only if the tick alone does not come, as after a restart of the app.
  rerun(passed, every) {
    if (document.visibilityState === "hidden" || passed < this.rerunAt) return;
    const isOfTick = !this.isBack && !this.rerunAt;
    this.rerunAt = passed + (isOfTick ? RERUN : every);
    if (isOfTick) this.requestTick();
    else dispatchEvent(new Event("vpo-rerun"));
  }

  matchesUrl() {
    const { base, path } = this.data;
    return location.pathname.replace(/\/$/, "") === `${base}${path}`.replace(/\/$/, "");
  }

  // A page requested without a connection never comes. Once the app responds again, repeat the
  // request, but only once: the URL may name no page.
  requestLostPage() {
    if (this.matchesUrl()) this.mismatchSince = this.requestedUrl = null;
    const isLost = this.mismatchSince && Date.now() - this.mismatchSince > 1000 * PAGE_LATE;
    if (!isLost || this.requestedUrl === location.href) return;
    this.requestedUrl = location.href;
    dispatchEvent(new PopStateEvent("popstate"));
  }

  details(passed, isLate) {
    const { data } = this;
    if (matchMedia("(max-width: 640px)").matches) return this.shortDetails(passed, isLate);
    const parts = [];
    if (data.age !== null) parts.push(`updated ${formatDuration(data.age + passed)} ago`);
    if (isLate) parts.push("connection lost – reload");
    else if (data.next !== null && data.retrying) {
      const wait = data.next - passed;
      parts.push(wait > 0 ? `retrying in ${formatDuration(Math.ceil(wait))}` : "retrying …");
      if (data.until && wait > 0) { // 24-hour clock, like all times
        const until = new Date(this.takenAt + data.next * 1000);
        parts.push(`until ${until.toLocaleTimeString("sv-SE")}`);
      }
    } else if (data.remark) parts.push(data.remark);
    return parts;
  }

  // On one line of a phone, so that no text moves the page.
  shortDetails(passed, isLate) {
    const { data } = this;
    const short = (seconds) => formatDuration(seconds).split(" ").slice(0, 2).join(" ");
    if (isLate) return ["connection lost – reload"];
    const parts = data.age === null ? [] : [`${short(data.age + passed)} ago`];
    if (data.next !== null && data.retrying) {
      const wait = Math.ceil(data.next - passed);
      parts.push(wait > 0 ? `retry in ${short(wait)}` : "retrying …");
    } else if (data.remark) parts.push(data.remark);
    return parts;
  }

  showClock() {
    const clock = this.find(".clock");
    clock.hidden = false;
    const time = new Date().toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit" });
    if (clock.textContent !== time) clock.textContent = time;
  }

  // On a wall screen pages take turns, for days: none gets an entry in the history. A picture of the
  // page covers the next one until that is complete. While the app is gone, the page stays.
  rotate() {
    const { page, rotation } = this.data;
    if (page !== this.turn?.page) this.turn = { page, begun: Date.now() };
    const isOver = Date.now() - this.turn.begun >= rotation.seconds * 1000;
    if (!isOver || this.isGone || document.visibilityState === "hidden") return;
    this.turn.begun = Date.now(); // of another try, if the page does not change
    const go = () => goTo(rotation.target, { replaces: true });
    if (!document.startViewTransition) return go();
    window.vpoTurn = document.startViewTransition(go);
    window.vpoTurn.ready.catch(() => {}); // if the next page is complete before it has begun
  }

  showTitle(isOld) {
    const { data } = this;
    const counts = [];
    if (isOld) counts.push("…");
    else {
      if (data.running) counts.push(`▶${number(data.running)}`);
      if (data.failed) counts.push(`✕${number(data.failed)}`);
    }
    const title = [...counts, data.page].join(" ");
    if (document.title !== title) document.title = title;
  }

  showBell() {
    const bell = this.find(".bell");
    bell.hidden = Boolean(this.data.kiosk);
    const { obstacle, isOn } = this.notifications;
    const label = isOn ? "Notifications: on" : "Notifications";
    const title = isOn
      ? "You are notified when a followed job or the queue finishes. Click to turn off."
      : "Get notified when a followed job or the queue finishes.";
    bell.querySelector("span").textContent = obstacle?.label ?? label;
    bell.ariaPressed = String(isOn);
    bell.ariaDisabled = String(obstacle !== null);
    bell.title = obstacle?.text ?? title;
  }

  async toggleNotifications() {
    const { obstacle } = this.notifications;
    if (obstacle) return this.toast({ title: obstacle.label, text: obstacle.text });
    await this.notifications.toggle(this.data.base);
    this.showBell();
    this.report();
  }

  notify(item) {
    const seen = (window.vpoNotified ??= new Set()); // survives page changes
    if (seen.has(item.id)) return;
    seen.add(item.id);
    if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value);
    this.toast(item);
    if (document.visibilityState !== "hidden" || !this.notifications.isOn) return;
    this.notifications.show(item, this.data.base, () => {
      window.focus();
      if (item.target) goTo(item.target);
    });
  }

  toast(item) {
    const element = document.createElement("div");
    element.className = item.failure ? "toast failure" : "toast";
    const title = document.createElement(item.target ? "a" : "b");
    title.textContent = item.title;
    if (item.target) {
      title.href = item.target;
      follow(title);
    }
    const text = document.createElement("span");
    text.textContent = item.text;
    const close = document.createElement("button");
    close.textContent = "✕";
    close.ariaLabel = "Close";
    close.onclick = () => element.remove();
    element.append(title, close, text);
    const box = this.find(".toasts");
    box.append(element);
    while (box.children.length > MOST_TOASTS) box.firstElementChild.remove();
    let timer;
    const start = () => { // a hidden tab keeps its toasts until it is shown
      if (document.visibilityState === "hidden")
        document.addEventListener("visibilitychange", start, { once: true });
      else timer = setTimeout(() => element.remove(), TOAST_SHOWN);
    };
    start();
    for (const event of ["pointerenter", "focusin"]) // keep it while the viewer reads it
      element.addEventListener(event, () => clearTimeout(timer));
  }

  // Followed jobs survive a reload and an app restart, which both start a new session.
  rememberFollowed() {
    const { data } = this;
    const key = data.server ? `${FOLLOWED}:${data.server}` : FOLLOWED;
    const storage = storageOf("sessionStorage");
    const kept = JSON.parse(storage?.getItem(key) ?? "{}");
    const isNew = kept.session !== undefined && kept.session !== data.session;
    const lost = isNew ? kept.jobs.filter((job) => !data.followed.includes(job)) : [];
    if (lost.some((job) => !data.reported.followed.includes(job))) {
      this.setState("followed", lost);
      return; // kept until the app has received them
    }
    storage?.setItem(key, JSON.stringify({ session: data.session, jobs: data.followed }));
  }

  // After an app restart the page is run again, which may be due much later. Streamlit reconnects
  // without end if the session has ended: go to the login, which says so.
  async checkApp() {
    if (!this.data || document.visibilityState === "hidden") return;
    const { base, login } = this.data;
    const answer = await fetch(`${base}${login ? "session" : "healthz"}`).catch(() => null);
    if (answer === null) this.isGone = true;
    else if (this.isGone) this.isBack = true;
    if (!login || answer?.status !== 401) return;
    const next = location.pathname.slice(base.length - 1) + location.search;
    location.assign(`${base}login?ended=1&next=${encodeURIComponent(next)}`);
  }
}

export default function ({ parentElement }) {
  cancelLatePages();
  const status = (window.vpoStatus = parentElement.status ??= new Status(parentElement));
  status.start();
  return () => status.stop();
}
