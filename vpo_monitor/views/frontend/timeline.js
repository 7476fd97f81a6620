// A timeline that keeps each job's element, and moves nothing while the pointer moves over it.
import { formatDuration } from "./shared/duration.js";
import { goTo } from "./shared/go_to.js";

const POINTER_REST = 3000; // milliseconds without changes after the pointer has moved
const LABEL_WIDTH = 76; // width of an axis label in pixels
const DRAG = 6; // pixels that the pointer moves at least if it drags
const SHORTEST = 60; // seconds of the shortest time that dragging selects
const TOP = { run: .2, thin: 1.25 }; // rem from a lane's top; bars without a run are lower

class Timeline {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector("." + name);
    this.links = new Map();
    this.current = null;
    this.movedAt = 0;
    this.pointer = { x: 0, y: 0 };
    this.drag = null;
    const plot = this.find("plot");
    plot.addEventListener("pointermove", (event) => this.moved(event));
    plot.addEventListener("pointerleave", () => this.left());
    plot.addEventListener("focusin", (event) => this.show(this.jobOf(event)));
    plot.addEventListener("focusout", () => this.show(null));
    plot.addEventListener("keydown", (event) => this.pressed(event));
    plot.addEventListener("click", (event) => this.clicked(event));
    plot.addEventListener("dragstart", (event) => event.preventDefault()); // of a bar, as a link
    plot.addEventListener("pointerdown", (event) => this.startDrag(event));
    plot.addEventListener("pointerup", (event) => this.endDrag(event));
    plot.addEventListener("pointercancel", () => this.cancelDrag());
    this.resized = new ResizeObserver(() => {
      this.fitLabels();
      if (this.shown) this.show(this.shown[0]);
    });
  }

  // Both may be called more than once.
  start() { this.resized.observe(this.root); }
  stop() { this.resized.disconnect(); clearTimeout(this.later); }

  draw(data) {
    clearTimeout(this.later);
    if (this.drag) {
      this.held = data;
      return;
    }
    const wait = this.movedAt + POINTER_REST - Date.now();
    if (this.data && this.data.choice === data.choice && wait > 0) {
      this.held = data;
      this.later = setTimeout(() => this.draw(data), wait);
      return;
    }
    this.held = null;
    const before = this.data;
    this.data = data;
    const isOther = (part) => JSON.stringify(before?.[part]) !== JSON.stringify(data[part]);
    if (isOther("lanes")) this.drawLanes();
    if (isOther("ticks") || isOther("length") || isOther("now")) this.drawTicks();
    this.drawBars();
    if (this.shown) this.show(this.shown[0]);
  }

  drawLanes() {
    this.find("lanes").replaceChildren(...this.data.lanes.map((label) => {
      const lane = document.createElement("div"), name = document.createElement("span");
      name.textContent = name.title = label;
      lane.append(name);
      return lane;
    }));
  }

  drawTicks() {
    const { length, now } = this.data, isPast = now === null;
    const ticks = isPast ? this.data.ticks : [...this.data.ticks, [now, "now", false]];
    this.find("ticks").replaceChildren(...ticks.map(([at, label]) => {
      const tick = document.createElement("div"), text = document.createElement("span");
      tick.style.left = this.percent(at);
      text.textContent = label;
      tick.append(text);
      return tick;
    }));
    this.find("ticks").classList.toggle("past", isPast);
    this.find("ticks").lastChild?.classList.toggle("at-end", now === length);
    this.fitLabels();
  }

  // Show as many labels as fit, evenly spaced, including the main ones.
  fitLabels() {
    if (!this.data) return;
    const width = this.find("field").clientWidth;
    const labels = [...this.find("ticks").querySelectorAll("span")];
    const now = this.data.now === null ? null : labels.pop(), count = labels.length;
    const apart = width * (this.data.ticks[1]?.[0] - this.data.ticks[0]?.[0]) / this.data.length;
    const steps = [1, 2, 3, 4, 6, 7, 12, 14, 28];
    const step = steps.find((one) => one * apart >= LABEL_WIDTH) ?? count;
    const nowAt = now ? width * this.data.now / this.data.length : Infinity;
    const main = Math.max(0, this.data.ticks.findIndex((tick) => tick[2])) % step;
    labels.forEach((label, index) => {
      const at = width * this.data.ticks[index][0] / this.data.length;
      const fits = at > LABEL_WIDTH / 2 - 8 && at < width - LABEL_WIDTH / 2 + 8;
      const isFree = at < nowAt - LABEL_WIDTH || at > nowAt + LABEL_WIDTH / 2;
      label.hidden = index % step !== main || !fits || !isFree;
    });
    if (now) now.hidden = false;
  }

  urlOf(id) {
    const url = new URL(this.data.page, location);
    url.searchParams.set("id", id);
    return url.href;
  }

  drawBars() {
    const { data, links } = this;
    const field = this.find("bars"), fresh = document.createDocumentFragment();
    const seen = new Set();
    data.bars.forEach((bar, rank) => {
      seen.add(bar[0]);
      let link = links.get(bar[0]);
      if (!link) {
        link = document.createElement("a");
        link.href = this.urlOf(bar[0]);
        link.tabIndex = -1;
        link.append(document.createElement("b"));
        links.set(bar[0], link);
        fresh.append(link);
      }
      this.place(link, bar, rank);
    });
    field.append(fresh);
    for (const [id, link] of links)
      if (!seen.has(id)) {
        link.remove();
        links.delete(id);
      }
    this.bars = new Map(data.bars.map((bar) => [bar[0], bar]));
    if (!this.bars.has(this.current)) this.setCurrent(data.bars[0]?.[0] ?? null);
    if (this.shown && !this.bars.has(this.shown[0])) this.show(null);
  }

  place(link, bar, rank) {
    const [, row, shapeIndex, kindIndex, begins, runBegins, ends] = bar;
    const shape = this.data.shapes[shapeIndex], kind = this.data.kinds[kindIndex];
    const expected = bar[13], isRun = shape === "run" || shape === "expected";
    const width = ends - begins, share = (at) => (100 * (at - begins) / width).toFixed(2) + "%";
    const top = isRun ? TOP.run : TOP.thin;
    const style = [
      `left:${this.percent(begins)};width:${this.percent(width)}`,
      `top:calc(var(--row) * ${row} + ${top}rem)`,
      `--run:${isRun && width ? share(runBegins) : "0%"}`,
      `--z:${isRun ? (kind === "completed" ? 1 : 2) : rank + 1}`,
      ...(expected && width ? [
        `--wait-ends:${share(this.data.now)}`,
        `--low:${share(expected[0])};--high:${share(expected[1])}`,
      ] : []),
    ].join(";");
    const label = this.facts(bar).map(([name, value]) => name + ": " + value).join(", ");
    if (link.styleText !== style) link.style.cssText = link.styleText = style;
    const classes = `bar ${shape} ${kind}`;
    if (link.kept !== classes) {
      link.kept = classes;
      link.classList.value = classes;
    }
    if (link.label !== label) {
      link.label = label;
      link.setAttribute("aria-label", label);
    }
  }

  percent(seconds) { return (100 * seconds / this.data.length).toFixed(3) + "%"; }

  facts(bar) {
    const [, , , , , , , created, started, completed, wait, run, both, expected, ...rest] = bar;
    const [type, policy, status] = rest.slice(0, 3).map((place) => this.data.texts[place]);
    const [file, result] = rest.slice(3);
    const isWhole = this.data.shapes[bar[2]] === "whole";
    const time = (seconds) => seconds === null ? null : formatDuration(seconds);
    return [
      ["File", file],
      ["Status", status],
      ["Type", type],
      ["Policy", policy],
      ["Created", this.clock(created)],
      ...(expected ? [["Starts", expected[2]], ["Ends", expected[3]]] : [
        ["Started", this.clock(started) ?? (isWhole ? "unknown" : "–")],
        ["Finished", this.clock(completed) ?? "–"],
      ]),
      ["Queue time", time(wait)],
      ["Run time", time(run)],
      ["Total time", time(both)],
      [this.data.kinds[bar[3]] === "failed" ? "Error" : "Result", result],
    ].filter(([, value]) => value);
  }

  clock(seconds) {
    if (seconds === null) return null;
    if (this.zone !== this.data.zone) {
      this.zone = this.data.zone;
      // The Swedish locale formats dates as ISO 8601.
      this.format = new Intl.DateTimeFormat("sv-SE", {
        timeZone: this.zone, dateStyle: "short", timeStyle: "medium",
      });
    }
    return this.format.format((this.data.since + seconds) * 1000);
  }

  jobOf(event) { return event.target.closest?.("a.bar")?.label ? this.idOf(event.target) : null; }
  idOf(node) { return new URL(node.closest("a.bar").href).searchParams.get("id"); }

  moved(event) {
    if (event.pointerType === "mouse") this.movedAt = Date.now();
    this.pointer = { x: event.clientX, y: event.clientY };
    if (this.drag) return this.moveDrag(event);
    const id = this.jobOf(event);
    if (id === null) this.show(this.jobOf({ target: document.activeElement }));
    else this.show(id, true);
  }

  left() {
    if (this.drag && !this.drag.isMoving) this.cancelDrag(); // the button is released elsewhere
    this.movedAt = 0;
    this.show(this.jobOf({ target: document.activeElement }));
    if (this.held) this.draw(this.held);
  }

  // Dragging selects a time to show. A finger scrolls the page instead.
  startDrag(event) {
    if (event.pointerType === "touch" || event.button !== 0 || !this.data) return;
    this.dragged = false;
    this.drag = { x: event.clientX, id: event.pointerId, isMoving: false };
  }

  moveDrag(event) {
    const { drag } = this;
    if (!drag.isMoving && Math.abs(event.clientX - drag.x) < DRAG) return;
    if (!drag.isMoving) {
      drag.isMoving = true;
      this.find("plot").setPointerCapture(drag.id);
      this.show(null);
    }
    const box = this.find("selection"), [from, to] = this.selected(event);
    box.hidden = false;
    box.style.left = this.percent(from);
    box.style.width = this.percent(to - from);
  }

  endDrag(event) {
    const { drag } = this;
    if (!drag) return;
    const [from, to] = this.selected(event), { since } = this.data;
    this.cancelDrag(); // may draw newer data, with a later begin
    if (!drag.isMoving) return;
    this.dragged = true; // the click that follows opens nothing
    const url = new URL(location);
    url.searchParams.delete("since");
    for (const [name, seconds] of [["from", from], ["to", to]]) {
      const time = new Date((since + seconds) * 1000);
      url.searchParams.set(name, time.toISOString().slice(0, 19) + "Z");
    }
    goTo(url.href);
  }

  cancelDrag() {
    this.drag = null;
    this.find("selection").hidden = true;
    if (this.held) this.draw(this.held);
  }

  // Return its begin and end in whole seconds from the begin of the chart.
  selected(event) {
    const { left, width } = this.find("field").getBoundingClientRect(), { length, now } = this.data;
    const at = (x) => Math.round(length * Math.min(1, Math.max(0, (x - left) / width)));
    const [low, high] = [at(this.drag.x), at(event.clientX)].sort((one, other) => one - other);
    const from = Math.max(0, Math.min(low, high - SHORTEST, (now ?? length) - SHORTEST));
    return [from, Math.max(high, from + SHORTEST)];
  }

  show(id, byPointer = false) {
    const bar = id === null ? null : this.bars.get(id);
    if (this.shown) this.links.get(this.shown[0])?.classList.remove("shown");
    const box = this.find("facts");
    box.hidden = !bar;
    if (!bar) {
      this.shown = null;
      return;
    }
    const link = this.links.get(id);
    link.classList.add("shown");
    if (this.shown !== bar)
      box.replaceChildren(...this.facts(bar).flatMap(([name, value]) => {
        const term = document.createElement("dt"), text = document.createElement("dd");
        term.textContent = name;
        text.textContent = value;
        return [term, text];
      }));
    this.shown = bar;
    const page = this.root.getBoundingClientRect(), rect = link.getBoundingClientRect();
    const x = (byPointer ? this.pointer.x : rect.right) - page.left + 12;
    const below = rect.bottom + 8, fits = below + box.offsetHeight < innerHeight;
    const top = fits ? below : rect.top - 8 - box.offsetHeight;
    box.style.left = Math.max(0, Math.min(x, page.width - box.offsetWidth)) + "px";
    box.style.top = top - page.top + "px";
  }

  setCurrent(id) {
    const before = this.links.get(this.current);
    if (before) before.tabIndex = -1;
    this.current = id;
    if (id !== null) this.links.get(id).tabIndex = 0;
  }

  pressed(event) {
    if (event.key === "Escape") return this.show(null);
    const bar = this.bars.get(this.jobOf(event));
    const next = bar && this.neighbor(bar, event.key);
    if (!next) return;
    event.preventDefault();
    this.setCurrent(next[0]);
    this.links.get(next[0]).focus();
  }

  neighbor(bar, key) {
    const at = (one) => one[5] ?? one[6];
    const inRow = (row) => this.data.bars.filter((one) => one[1] === row)
      .sort((one, other) => at(one) - at(other) || (one[0] < other[0] ? -1 : 1));
    const row = inRow(bar[1]), place = row.indexOf(bar);
    switch (key) {
      case "ArrowRight": return row[place + 1];
      case "ArrowLeft": return row[place - 1];
      case "Home": return row[0];
      case "End": return row.at(-1);
      case "ArrowUp": case "ArrowDown": {
        const step = key === "ArrowUp" ? -1 : 1;
        for (let lane = bar[1] + step; lane in this.data.lanes; lane += step) {
          const found = inRow(lane), apart = (one) => Math.abs(at(one) - at(bar));
          if (found.length)
            return found.reduce((near, one) => (apart(one) < apart(near) ? one : near));
        }
      }
    }
    return null;
  }

  clicked(event) {
    if (this.dragged) {
      this.dragged = false;
      return event.preventDefault();
    }
    const id = this.jobOf(event);
    if (id === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    goTo(this.urlOf(id));
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".vpo-timeline");
  root.timeline ??= new Timeline(root);
  root.timeline.start();
  root.timeline.draw(data);
  return () => root.timeline.stop();
}
