// A log that keeps its scroll position. It receives its rows once, then only new ones.
import { copy } from "./shared/copy.js";
import { keepHeight } from "./shared/keep_height.js";
import { LogOutline } from "./shared/log_outline.js";
import { LogRows } from "./shared/log_rows.js";

const GOING = 2000; // milliseconds to wait for the app to send another page

// Separators of the browser's locale, with the same digits as all other text.
const number = (count) => count.toLocaleString(undefined, { numberingSystem: "latn" });

class LogArea extends LogRows {
  constructor(root) {
    super(root);
    this.held = [];
    this.gen = null;
    this.area.addEventListener("scroll", () => this.scrolled());
    this.back.addEventListener("click", (event) => this.numberClicked(event));
    this.find(".new").addEventListener("click", () => this.toEnd());
    this.find(".copy").addEventListener("click", () => this.copy());
    this.find(".link").addEventListener("click", () => this.linkTo(this.caretRow()));
    this.find(".stop").addEventListener("click", () => this.go({ to: "stop" }));
    this.outline = new LogOutline(this.find(".outline"), (line) => this.goTo(line));
    for (const step of root.querySelectorAll("[data-step]"))
      step.addEventListener("click", () => this.step(step.dataset.mark, Number(step.dataset.step)));
    this.onNews = () => this.add(window.vpoMessages["log-news"].data);
    this.onState = () => this.updateState();
    this.onKey = (event) => this.pressed(event);
    this.resized = new ResizeObserver(() => this.fit());
  }

  // start and stop may be called more than once.
  start() {
    addEventListener("vpo-log-news", this.onNews);
    addEventListener("vpo-log-state", this.onState);
    addEventListener("keydown", this.onKey, true);
    this.resized.observe(this.area);
  }

  stop() {
    removeEventListener("vpo-log-news", this.onNews);
    removeEventListener("vpo-log-state", this.onState);
    removeEventListener("keydown", this.onKey, true);
    this.resized.disconnect();
  }

  // When a job ends, parts above the log go away: it must not move up under the viewer's eyes.
  keepPlace() {
    this.letShrink?.();
    const above = document.querySelector(".st-key-above-log");
    this.letShrink = above && keepHeight(above);
  }

  // Take all rows from the app, and how to show them.
  draw(data) {
    if (data.gen === this.gen) return;
    this.noticeScrolling();
    const isFirst = this.gen === null;
    const isSameLog = this.data?.job === data.job;
    const keeps = !isFirst && isSameLog && (this.isAway || !data.follows);
    const place = keeps ? this.topRow() : null;
    const wasFiltered = this.data?.kind === "matches" && data.kind === "lines";
    const isSearch = data.find !== "" && data.find !== (this.data?.find ?? data.find);
    // Keep counting new lines for a viewer who has scrolled up.
    const holds = keeps && this.isAway && data.follows && this.data.follows && !isSearch;
    const last = (holds && this.rows.at(-1)?.[0]) || Infinity;
    const known = data.rows.filter((row) => row[0] <= last);
    const news = data.rows.slice(known.length);
    const isHeld = known.length && news.length && !news.some((row) => row[0] === data.target);
    // Always wrap on a narrow screen, which would show only the start of a line.
    const wrap = data.wrap || matchMedia("(max-width: 640px)").matches;
    if (!isSameLog) {
      this.chosen = this.shownTarget = null;
      this.keepPlace();
    }
    this.gen = data.gen;
    this.data = { ...data, wrap };
    this.goingSince = 0;
    this.have = data.end;
    this.total = data.total;
    this.held = [];
    this.hasGap = false;
    this.area.wrap = wrap ? "soft" : "off";
    this.area.classList.toggle("wrap", wrap);
    this.find(".frame").classList.toggle("wrapped", wrap);
    this.find(".frame").classList.toggle("numbered", data.numbers);
    this.setRows(isHeld ? known : data.rows);
    if (isHeld) this.hold(news);
    const target = this.rows.findIndex((row) => row[0] === data.target);
    if (target >= 0 && this.shownTarget !== data.turn) {
      this.shownTarget = data.turn;
      this.choose(target, { takesFocus: false });
      this.reveal();
    } else if (isSearch && this.lastWith("h") >= 0) {
      this.choose(this.lastWith("h"), { takesFocus: false });
      this.reveal();
    } else if (wasFiltered && (this.chosen ?? place) != null) {
      this.goTo(this.chosen ?? place); // the match, among its neighbors
    } else if (place !== null && this.scrollToNumber(place)) this.isAway = true;
    else if (data.follows) this.toEnd();
    else this.keepAt(0);
    this.updateState();
  }

  // What is known of this log beyond its rows, if it has come.
  get state() {
    const state = window.vpoMessages?.["log-state"]?.data;
    return state?.job === this.data?.job ? state : null;
  }

  updateState() {
    const isPart = this.data?.kind === "matches";
    if (this.state)
      this.outline.draw(this.state, isPart && new Set(this.rows.map((row) => row[0])));
    if (!this.data) return;
    this.updateMarks();
    this.updateCount();
  }

  goTo(line, { takesFocus } = { takesFocus: false }) {
    const place = () => this.rows.findIndex((row) => row[0] === line);
    if (place() < 0 && this.held.some((row) => row[0] === line)) this.release();
    if (place() >= 0) {
      this.choose(place(), { takesFocus });
      this.reveal();
    } else if (this.data.kind === "lines") {
      this.goingSince = Date.now();
      this.go({ to: "line", line });
    }
  }

  // Scroll the page if the log is partly below it: the chosen line may be there.
  reveal() {
    this.find(".frame").scrollIntoView({ block: "nearest" });
  }

  choose(index, options) {
    super.choose(index, options);
    this.updateMatch();
  }

  lastWith(mark) {
    return this.rows.findLastIndex((row) => row[2].includes(mark));
  }

  // Take new rows: they follow or replace the last ones of the same log.
  add(news) {
    if (news === this.added) return;
    this.added = news;
    if (news.gen !== this.gen || (this.data.follows && news.first > this.have + 1)) {
      this.lost(); // an earlier message was missed
      return;
    }
    this.total = news.total;
    this.noticeScrolling();
    if (this.data.follows && news.rows.length) {
      this.have = news.rows[news.rows.length - 1][0];
      if (this.isAway) this.hold(news.rows);
      else {
        this.append(news.rows);
        this.toEnd();
      }
    }
    this.updateCount();
  }

  hold(rows) {
    const all = this.held.filter((row) => row[0] < rows[0][0]).concat(rows);
    const surplus = this.surplus(all);
    this.held = all.slice(surplus);
    this.hasGap ||= surplus > 0; // these no longer continue the rows on screen
    const known = this.rows.length ? this.rows[this.rows.length - 1][0] : 0;
    const count = this.have - known;
    this.find(".new").hidden = count < 1;
    const errors = this.held.filter((row) => row[2].includes("e")).length;
    const bad = errors ? `, ${number(errors)} error${errors === 1 ? "" : "s"}` : "";
    this.find(".new").textContent = `${number(count)} new line${count === 1 ? "" : "s"}${bad}`;
  }

  // The scroll event is sent with the next frame, which can be too late.
  noticeScrolling() {
    if (this.data && this.area.scrollTop !== this.seenTop) this.scrolled();
  }

  scrolled() {
    this.scrollBack();
    if (this.isPlacing) return;
    const wasAway = this.isAway;
    this.isAway = !this.isAtEnd();
    if (wasAway && !this.isAway && this.data.follows) this.release();
  }

  // The viewer has scrolled to the end: append the rows held back, below the current position.
  release() {
    this.forgetLine();
    if (!this.held.length) return;
    const { held, hasGap } = this;
    const top = this.area.scrollTop;
    this.held = [];
    this.hasGap = false;
    this.find(".new").hidden = true;
    if (hasGap) {
      this.setRows(held);
      this.toEnd();
    } else {
      const gone = this.append(held);
      if (this.data.newestFirst) this.toEnd();
      else this.keepAt(Math.max(0, top - gone));
      this.isAway = !this.isAtEnd();
    }
    this.updateCount();
  }

  toEnd() {
    if (!this.data.follows) {
      this.go({ to: "end" });
      return;
    }
    this.isAway = false;
    this.release();
    this.isAway = false;
    this.keepAt(this.data.newestFirst ? 0 : Infinity);
  }

  // A viewer who follows the newest lines has left the line in the URL.
  forgetLine() {
    const address = new URL(location);
    if (!address.searchParams.has("line")) return;
    address.searchParams.delete("line");
    history.replaceState(history.state, "", address);
  }

  // Go to the next or previous marked line, and on from the last to the first.
  step(mark, direction) {
    if (Date.now() - this.goingSince < GOING) return;
    const lines = mark === "h" ? this.matches() : this.marked(mark);
    const from = this.chosen ?? (direction > 0 ? 0 : Infinity);
    const onward = direction > 0
      ? lines.find((line) => line > from)
      : lines.findLast((line) => line < from);
    const line = onward ?? lines.at(direction > 0 ? 0 : -1);
    if (line) this.goTo(line, { takesFocus: mark !== "h" });
  }

  marked(mark) {
    return this.rows.filter((row) => row[2].includes(mark)).map((row) => row[0]);
  }

  // The lines to step through: if only matching ones are shown, those on screen.
  matches() {
    return this.data.kind === "matches" ? this.marked("h") : this.state?.search?.matches ?? [];
  }

  // Enter in the search field: the first time it searches, then it goes on.
  pressed(event) {
    const field = event.composedPath()[0].closest?.(".st-key-log-find input");
    if (!field || event.key !== "Enter" || event.isComposing) return;
    if (field.value.trim() && field.value.trim() === this.state?.search?.find)
      this.step("h", event.shiftKey ? -1 : 1);
  }

  numberClicked(event) {
    const line = Number(event.target.dataset.line);
    if (line) this.linkTo(this.rows.find((row) => row[0] === line));
  }

  linkTo(row) {
    if (!row) return;
    const address = new URL(location);
    address.searchParams.set("line", row[0]);
    history.replaceState(history.state, "", address);
    this.choose(this.rows.indexOf(row), { takesFocus: true });
    this.copyText(address.href, `Link to line ${number(row[0])} copied`);
  }

  copy() {
    const { selectionStart, selectionEnd, value } = this.area;
    if (selectionEnd > selectionStart)
      this.copyText(value.slice(selectionStart, selectionEnd), "Selection copied");
    else {
      const { length } = this.rows;
      this.copyText(value, `${number(length)} line${length === 1 ? "" : "s"} copied`);
    }
  }

  async copyText(text, message) {
    const focused = document.activeElement;
    const worked = await copy(text);
    if (document.activeElement !== focused) this.area.focus({ preventScroll: true });
    this.find(".status").textContent = worked ? message : "Copy failed: blocked by the browser";
    clearTimeout(this.clearStatus);
    this.clearStatus = setTimeout(() => { this.find(".status").textContent = ""; }, 4000);
  }

  changed() {
    this.updateState();
    if (!this.held.length) this.find(".new").hidden = true;
  }

  updateCount() {
    const shown = this.rows.length;
    const total = number(this.total);
    let message = "";
    if (shown && this.data.kind === "matches") {
      const found = this.state?.search?.matches?.length ?? 0;
      const part = this.marked("h").length;
      if (part < found) message = `Last ${number(part)} shown`;
    } else if (shown && this.data.follows && !this.held.length) {
      message = shown < this.total ? `Last ${number(shown)} of ${total} lines` : `${total} lines`;
      if (shown === 1 && this.total === 1) message = "1 line";
    } else if (shown) {
      const [first, last] = [this.rows[0][0], this.rows[shown - 1][0]];
      message = `Lines ${number(first)} to ${number(last)} of ${total}`;
    }
    this.find(".count").textContent = message;
  }

  // While there is a search, its matches are the only marks that are counted.
  updateMarks() {
    const search = this.state?.search;
    for (const [mark, one] of [["e", "error"], ["w", "warning"]]) {
      const count = this.marked(mark).length;
      const group = this.find(`.marks-${mark}`);
      group.hidden = !count || Boolean(search);
      group.querySelector("b").textContent = `${number(count)} ${one}${count === 1 ? "" : "s"}`;
    }
    const isSearching = typeof search?.percent === "number";
    this.find(".bar").classList.toggle("searching", Boolean(search));
    this.find(".stop").hidden = !isSearching;
    const note = isSearching ? `Searching … ${search.percent} %` : search?.note ?? "";
    this.find(".note").textContent = this.find(".note").title = note;
    this.updateMatch();
  }

  updateMatch() {
    const search = this.state?.search;
    const group = this.find(".marks-h");
    group.hidden = !search?.matches;
    if (group.hidden) return;
    const count = search.matches.length;
    const at = search.matches.indexOf(this.chosen) + 1;
    const found = `${number(count)} match${count === 1 ? "" : "es"}`;
    const message = at ? `${number(at)} of ${found}` : found;
    const label = group.querySelector("b");
    if (label.textContent !== message) label.textContent = message;
    for (const button of group.querySelectorAll("button")) button.disabled = !count;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".log");
  root.log ??= new LogArea(root);
  root.log.go = (place) => setTriggerValue("go", { ...place, turn: Date.now() });
  root.log.lost = () => setTriggerValue("lost", Date.now());
  root.log.start();
  root.log.draw(data);
  return () => root.log.stop();
}
