// Tells what happened while the viewer looks elsewhere: in the tab's title, as a toast, and as the
// browser's own notification where the viewer has asked for those. All text is plain.

const SHOWN_FOR = 15000; // milliseconds
const MOST_TOASTS = 4;
const MOST_SEEN = 200;
const FOLLOWED = "vpo-monitor-followed"; // and the server's name, where there are several
const WANTED = "vpo-monitor-notifications";

const number = (count) => count.toLocaleString(undefined, { numberingSystem: "latn" });

const isAllowed = () =>
  "Notification" in window && Notification.permission === "granted" &&
  storageOf("localStorage")?.getItem(WANTED) === "on";

export default function ({ data: given, parentElement }) {
  parentElement.stop?.(); // it may be called more than once
  const box = parentElement.querySelector(".vpo-toasts");
  const seen = (window.vpoTold ??= new Set()); // also over other pages of the same tab
  const followed = given?.server ? `${FOLLOWED}:${given.server}` : FOLLOWED;
  let drawn = Date.now();

  const open = (telling) => {
    window.focus();
    if (telling.target) goTo(telling.target);
  };

  const toast = (telling) => {
    const element = document.createElement("div");
    element.className = telling.failure ? "toast failure" : "toast";
    const title = document.createElement(telling.target ? "a" : "b");
    title.textContent = telling.title;
    if (telling.target) {
      title.href = telling.target;
      follow(title);
    }
    const text = document.createElement("span");
    text.textContent = telling.text;
    const close = document.createElement("button");
    close.textContent = "✕";
    close.ariaLabel = "Close";
    close.onclick = () => element.remove();
    element.append(title, close, text);
    box.append(element);
    while (box.children.length > MOST_TOASTS) box.firstElementChild.remove();
    let timer;
    const start = () => { // for one who comes back it is still there
      if (document.visibilityState === "hidden")
        document.addEventListener("visibilitychange", start, { once: true });
      else timer = setTimeout(() => element.remove(), SHOWN_FOR);
    };
    start();
    // Nobody is hurried who reads, or has the focus within.
    for (const event of ["pointerenter", "focusin"])
      element.addEventListener(event, () => clearTimeout(timer));
  };

  const tell = (telling) => {
    if (seen.has(telling.id)) return;
    seen.add(telling.id);
    if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value);
    toast(telling);
    if (document.visibilityState === "hidden" && isAllowed()) {
      const notice = new Notification(telling.title, { body: telling.text, tag: telling.id });
      notice.onclick = () => open(telling);
    }
  };

  // What is followed outlives a reload and a restart of the app, which both begin a new session.
  const remember = (data) => {
    if (!data.session) return;
    const kept = JSON.parse(storageOf("sessionStorage")?.getItem(followed) ?? "{}");
    const isNew = kept.session !== undefined && kept.session !== data.session;
    const lost = isNew ? kept.jobs.filter((job) => !data.followed.includes(job)) : [];
    if (lost.some((job) => !data.heard.followed.includes(job))) {
      window.vpoPulse.setStateValue("followed", lost);
      return; // kept until the app has heard of them
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
    if (isOld) counts.push("…"); // the counts are not those of now
    else {
      if (data.running) counts.push("▶" + number(data.running));
      if (data.failed) counts.push("✕" + number(data.failed));
    }
    const said = [counts.join(" "), data.page].filter(Boolean).join(" ");
    if (document.title !== said) document.title = said;
  };

  const hear = () => {
    drawn = Date.now();
    const data = window.vpoPulse.data;
    for (const telling of data.tell ?? []) tell(telling);
    title();
    remember(data);
    const wanted = isAllowed();
    if (wanted !== data.heard.notified) window.vpoPulse.setStateValue("notified", wanted);
  };
  addEventListener("vpo-pulse", hear);
  if (window.vpoPulse) hear();
  const timer = setInterval(title, 1000);
  parentElement.stop = () => {
    removeEventListener("vpo-pulse", hear);
    clearInterval(timer);
  };
  return parentElement.stop;
}
