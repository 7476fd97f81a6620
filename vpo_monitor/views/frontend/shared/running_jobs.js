// A card for each running job. It stays the same element while the job runs, so that its progress
// bar keeps moving and a link under the pointer stays in place.
import { formatDuration } from "./duration.js";
import { follow } from "./go_to.js";
import { isStale } from "./stale.js";

const SVG = "http://www.w3.org/2000/svg";

const build = (kind, className, ...parts) => {
  const made = document.createElement(kind);
  if (className) made.className = className;
  made.append(...parts);
  return made;
};

const fact = (label) => {
  const value = build("b"), range = build("span");
  return { value, range, box: build("dd", "", value, range), name: build("dt", "", label) };
};

class JobCard {
  constructor() {
    this.name = build("a", "name");
    follow(this.name);
    this.suspicion = build("p", "suspicion");
    this.kind = build("p", "kind");
    this.fill = build("i");
    this.bar = build("div", "bar", this.fill);
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", "Progress");
    this.bar.setAttribute("aria-valuemin", 0);
    this.bar.setAttribute("aria-valuemax", 100);
    this.progress = build("span");
    this.speed = document.createElementNS(SVG, "svg");
    this.line = document.createElementNS(SVG, "polyline");
    this.title = document.createElementNS(SVG, "title");
    this.speed.setAttribute("viewBox", "0 0 96 20");
    this.speed.setAttribute("role", "img");
    this.speed.append(this.title, this.line);
    this.elapsed = fact("Elapsed");
    this.remaining = fact("Remaining");
    this.eta = fact("ETA");
    const facts = [this.elapsed, this.remaining, this.eta].map((one) =>
      build("div", "", one.name, one.box));
    this.ground = build("p", "ground");
    this.box = build("article", "", this.name, this.kind, this.bar,
      build("p", "progress", this.progress, this.speed), build("dl", "", ...facts), this.ground,
      this.suspicion);
  }

  show(job) {
    const put = (element, text) => {
      if (element.textContent !== text) element.textContent = text;
      element.hidden = !text;
    };
    put(this.name, job.file);
    this.name.href = job.target;
    this.name.title = job.path;
    put(this.kind, job.kind);
    put(this.suspicion, job.suspicion);
    put(this.progress, job.progress);
    this.bar.classList.toggle("unknown", job.percent === null);
    this.bar.setAttribute("aria-valuetext", job.progress);
    if (job.percent === null) this.bar.removeAttribute("aria-valuenow");
    else this.bar.setAttribute("aria-valuenow", Math.min(Math.floor(job.percent), 99));
    this.fill.style.width = job.percent === null ? "" : job.percent + "%";
    for (const name of ["remaining", "eta"]) {
      put(this[name].value, job[name][0] || "–");
      put(this[name].range, job[name][0].replace(/^about /, "") === job[name][1] ? "" : job[name][1]);
    }
    put(this.elapsed.range, job.elapsed_note);
    put(this.ground, job.ground);
    this.seconds = job.elapsed;
    this.counts = job.counts;
    this.draw(job.speeds, job.speed);
  }

  draw(speeds, words) {
    this.speed.toggleAttribute("hidden", !speeds.length);
    const most = Math.max(...speeds, 0.001), step = 96 / Math.max(1, speeds.length - 1);
    const at = (speed, number) =>
      (number * step).toFixed(1) + "," + (19 - 18 * speed / most).toFixed(1);
    this.line.setAttribute("points", speeds.map(at).join(" "));
    if (this.title.textContent !== words) this.title.textContent = words;
  }

  tick(passed) {
    const text = this.seconds === null ? "–"
      : formatDuration(this.seconds + (this.counts ? passed : 0));
    if (this.elapsed.value.textContent !== text) this.elapsed.value.textContent = text;
  }
}

/** Draws them; returns a function to call each second with the seconds since then. */
export const drawRunningJobs = (box, { jobs }) => {
  box.className = "vpo-running";
  const cards = (box.cards ??= new Map());
  const wanted = new Set(jobs.map((job) => job.id));
  for (const [id, card] of cards)
    if (!wanted.has(id)) {
      card.box.remove();
      cards.delete(id);
    }
  // Cards keep their places; a new one takes the place of one that has gone.
  const places = (box.places ?? []).map((id) => (wanted.has(id) ? id : null));
  for (const job of jobs)
    if (!places.includes(job.id)) {
      const free = places.indexOf(null);
      if (free < 0) places.push(job.id);
      else places[free] = job.id;
    }
  box.places = places.filter((id) => id !== null);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  box.places.map((id) => byId.get(id)).forEach((job, place) => {
    if (!cards.has(job.id)) cards.set(job.id, new JobCard());
    const card = cards.get(job.id);
    card.show(job);
    if (box.children[place] !== card.box) box.insertBefore(card.box, box.children[place] ?? null);
  });
  return (passed) => {
    if (isStale()) return; // the jobs may have finished
    for (const card of cards.values()) card.tick(passed);
  };
};
