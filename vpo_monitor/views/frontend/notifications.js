// Shows counts in the tab's title, and notifications as toasts and, if the viewer has turned them
// on, as browser notifications. All text is plain.
import { storageOf } from "./shared/storage.js";
import { goTo, follow } from "./shared/go_to.js";

const SHOWN_FOR = 15000; // milliseconds
const MOST_TOASTS = 4;
const MOST_SEEN = 200;
const FOLLOWED = "vpo-monitor-followed"; // plus the server's name if there are several
const WANTED = "vpo-monitor-notifications";

const number = (count) => count.toLocaleString(undefined, { numberingSystem: "latn" });

const isAllowed = () =>
  "Notification" in window && Notification.permission === "granted" &&
  storageOf("localStorage")?.getItem(WANTED) === "on";

export default function ({ data: given, parentElement }) {
  parentElement.stop?.(); // it may be called more than once
  const box = parentElement.querySelector(".vpo-toasts");
  const seen = (window.vpoNotified ??= new Set()); // shared by all pages of the tab
  const followed = given?.server ? `${FOLLOWED}:${given.server}` : FOLLOWED;
  let drawn = Date.now();

  const open = (item) => {
    window.focus();
    if (item.target) goTo(item.target);
  };

  const toast = (item) => {
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
    box.append(element);
    while (box.children.length > MOST_TOASTS) box.firstElementChild.remove();
    let timer;
    const start = () => { // a hidden tab keeps its toasts until it is shown
      if (document.visibilityState === "hidden")
        document.addEventListener("visibilitychange", start, { once: true });
      else timer = setTimeout(() => element.remove(), SHOWN_FOR);
    };
    start();
    // Keep it while the viewer reads it or has the focus in it.
    for (const event of ["pointerenter", "focusin"])
      element.addEventListener(event, () => clearTimeout(timer));
  };

  const notify = (item) => {
    if (seen.has(item.id)) return;
    seen.add(item.id);
    if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value);
    toast(item);
    if (document.visibilityState === "hidden" && isAllowed()) {
      const notice = new Notification(item.title, { body: item.text, tag: item.id });
      notice.onclick = () => open(item);
    }
  };

  // Followed jobs survive a reload and an app restart, which both start a new session.
  const remember = (data) => {
    if (!data.session) return;
    const kept = JSON.parse(storageOf("sessionStorage")?.getItem(followed) ?? "{}");
    const isNew = kept.session !== undefined && kept.session !== data.session;
    const lost = isNew ? kept.jobs.filter((job) => !data.followed.includes(job)) : [];
    if (lost.some((job) => !data.heard.followed.includes(job))) {
      window.vpoPulse.setStateValue("followed", lost);
      return; // kept until the app has received them
    }
    const jobs = data.followed;
    storageOf("sessionStorage")?.setItem(followed, JSON.stringify({ session: data.session, jobs }));
  };

  const title = () => {
    const data = window.vpoPulse?.data;
    if (!data?.page) return;
    const passed = (Date.now() - drawn) / 1000;
    const isOld = data.counts_stale_in !== null && passed > data.counts_stale_in;
    const counts = [];
    if (isOld) counts.push("…"); // the counts are out of date
    else {
      if (data.running) counts.push("▶" + number(data.running));
      if (data.failed) counts.push("✕" + number(data.failed));
    }
    const text = [counts.join(" "), data.page].filter(Boolean).join(" ");
    if (document.title !== text) document.title = text;
  };

  const onPulse = () => {
    drawn = Date.now();
    const data = window.vpoPulse.data;
    for (const item of data.notifications ?? []) notify(item);
    title();
    remember(data);
    const wanted = isAllowed();
    if (wanted !== data.heard.notified) window.vpoPulse.setStateValue("notified", wanted);
  };
  addEventListener("vpo-pulse", onPulse);
  if (window.vpoPulse) onPulse();
  const timer = setInterval(title, 1000);
  parentElement.stop = () => {
    removeEventListener("vpo-pulse", onPulse);
    clearInterval(timer);
  };
  return parentElement.stop;
}
