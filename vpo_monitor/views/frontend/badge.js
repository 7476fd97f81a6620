// The browser updates the times: it costs the server nothing, and works if the app is gone.
import { formatDuration } from "./shared/duration.js";

const STABLE_FRAMES = 3;
// Elements that shift the page when they load.
const PUSHING = ":is(.st-key-filters, .st-key-timeline-choices, .st-key-stats-choices, "
  + ".st-key-status-bar, .st-key-statistics, .st-key-connect, .st-key-connect-again, "
  + ".st-key-job-error, .st-key-log-controls) [data-testid=stSkeleton]";
export default function ({ parentElement }) {
  parentElement.stop?.();  // this may be called more than once
  const word = parentElement.querySelector("b");
  const text = parentElement.querySelector("span");
  // Show either Refresh or Retry now; keyboard focus moves along.
  const offer = (main, failing) => {
    if (!main || main.hasAttribute("data-failing") === failing) return;
    const [shown, hidden] = failing ? ["retry", "refresh"] : ["refresh", "retry"];
    const had = document.activeElement?.closest(".st-key-" + hidden);
    main.toggleAttribute("data-failing", failing);
    if (had) document.querySelector(".st-key-" + shown + " button")?.focus();
  };
  let drawn = Date.now();
  let data = null;
  // Reveal the page (see late.py) once its style and the elements that shift it have loaded,
  // and its height is stable.
  const reveal = (calm = 0, before = null) => {
    const main = document.querySelector(".stMain");
    if (!main || main.hasAttribute("data-told") || !parentElement.isConnected) return;
    const late = main.querySelector(".st-key-late");
    const isReady = !late || (late.querySelector("style") && !main.querySelector(PUSHING));
    const height = late?.scrollHeight ?? 0;
    const stable = isReady && height === before ? calm + 1 : 0;
    if (stable === STABLE_FRAMES) main.toggleAttribute("data-told", true);
    else requestAnimationFrame(() => reveal(stable, height));
  };
  const update = () => {
    if (window.vpoPulse === undefined) return;
    drawn = Date.now();
    data = window.vpoPulse.data;
    show();
    reveal();
  };
  const show = () => {
    if (data === null) return;
    const passed = (Date.now() - drawn) / 1000;
    const overdue = data.next !== null && passed > data.next + 30;
    const status = overdue ? "Not updating" : data.word;
    if (word.textContent !== status) word.textContent = status;
    word.className = overdue ? "red" : data.color;
    const parts = [];
    // The page's style fades stale data, even if the app no longer responds.
    const isStale = (limit) => overdue || (limit !== null && passed > limit);
    const main = document.querySelector(".stMain");
    main?.toggleAttribute("data-old", isStale(data.stale_in));
    main?.toggleAttribute("data-old-counts", isStale(data.counts_stale_in));
    offer(main, data.retrying);
    if (data.age !== null) parts.push("updated " + formatDuration(data.age + passed) + " ago");
    if (overdue) parts.push("connection lost – reload");
    else if (data.next !== null && data.retrying) {
      const wait = data.next - passed;
      parts.push(wait > 0 ? "retrying in " + formatDuration(Math.ceil(wait)) : "retrying …");
      if (data.until && wait > 0)  // 24-hour clock, like all times
        parts.push("until " + new Date(drawn + data.next * 1000).toLocaleTimeString("sv-SE"));
    }
    else if (data.remark) parts.push(data.remark);
    text.textContent = parts.join(" · ");
    text.className = isStale(data.stale_in) ? "stale" : "";
  };
  update();
  addEventListener("vpo-pulse", update);
  const timer = setInterval(show, 1000);
  parentElement.stop = () => {
    removeEventListener("vpo-pulse", update);
    clearInterval(timer);
  };
  return parentElement.stop;
}
