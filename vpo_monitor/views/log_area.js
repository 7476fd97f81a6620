// A log in a read-only text area that keeps the reader's place. It is given its rows once; each pulse
// brings what is new. Behind the text area lie rows of the same height, which carry the line numbers
// and the marks, as a text area holds nothing but text.

const AT_END = 8; // pixels
const FRAMES = 4; // a place is set over so many frames: one is sometimes too early

const number = (count) => count.toLocaleString("en-US");

class LogArea {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.area = this.find("textarea");
    this.back = this.find(".rows");
    this.held = [];
    this.rows = [];
    this.gen = null;
    this.isAway = false;
    this.area.addEventListener("scroll", () => this.scrolled());
    this.back.addEventListener("click", (event) => this.numberClicked(event));
    this.find(".new").addEventListener("click", () => this.toEnd());
    this.find(".copy").addEventListener("click", () => this.copy());
    this.find(".link").addEventListener("click", () => this.linkTo(this.caretRow()));
    for (const step of root.querySelectorAll("[data-step]"))
      step.addEventListener("click", () => this.step(step.dataset.mark, Number(step.dataset.step)));
    this.hear = this.hear.bind(this);
    this.resized = new ResizeObserver(() => this.fit());
  }

  // Both may be called more than once.
  start() {
    addEventListener("vpo-pulse", this.hear);
    this.resized.observe(this.area);
  }

  stop() {
    removeEventListener("vpo-pulse", this.hear);
    this.resized.disconnect();
  }

  // What the app has drawn: all rows, and how to show them.
  draw(data) {
    if (data.gen === this.gen) return;
    const isFirst = this.gen === null;
    const isSameLog = this.data?.job === data.job;
    const keeps = !isFirst && isSameLog && (this.isAway || !data.follows);
    const place = keeps ? this.topRow() : null;
    this.gen = data.gen;
    this.data = data;
    this.have = data.end;
    this.total = data.total;
    this.held = [];
    this.hasGap = false;
    this.area.wrap = data.wrap ? "soft" : "off";
    this.area.classList.toggle("wrap", data.wrap);
    this.back.classList.toggle("wrap", data.wrap);
    this.find(".frame").classList.toggle("numbered", data.numbers);
    this.setRows(data.rows);
    if (data.target !== null && this.shownTarget !== data.turn) {
      this.shownTarget = data.turn;
      this.choose(this.rows.findIndex((row) => row[0] === data.target), { takesFocus: false });
    } else if (place !== null && this.scrollToNumber(place)) this.isAway = true;
    else if (data.follows) this.toEnd();
    else this.keepAt(0);
    this.hear();
  }

  // What came since: rows that follow, or replace the last ones, of the same log.
  hear() {
    const news = window.vpoPulse?.data.log;
    if (!news || news.gen !== this.gen || window.vpoPulse === this.heard) return;
    this.heard = window.vpoPulse;
    this.total = news.total;
    if (this.data.follows && news.from > this.have + 1) {
      this.lost(); // an earlier pulse did not arrive
      return;
    }
    if (this.data.follows && news.rows.length) {
      this.have = news.rows[news.rows.length - 1][0];
      if (this.isAway) this.hold(news.rows);
      else {
        this.append(news.rows);
        this.toEnd();
      }
    }
    this.tellCount();
  }

  // How many rows are to go so that these are within the bounds of a screen.
  surplus(rows) {
    let characters = rows.reduce((sum, row) => sum + row[1].length, 0);
    let cut = Math.max(0, rows.length - this.data.limit);
    for (let line = 0; line < cut; line++) characters -= rows[line][1].length;
    while (characters > this.data.characters && cut < rows.length - 1)
      characters -= rows[cut++][1].length;
    return cut;
  }

  hold(rows) {
    const all = this.held.filter((row) => row[0] < rows[0][0]).concat(rows);
    const surplus = this.surplus(all);
    this.held = all.slice(surplus);
    this.hasGap ||= surplus > 0; // then the rows on screen do not join with these any more
    const known = this.rows.length ? this.rows[this.rows.length - 1][0] : 0;
    const count = this.have - known;
    this.find(".new").hidden = count < 1;
    this.find(".new").textContent = `${number(count)} new line${count === 1 ? "" : "s"}`;
  }

  // Returns the height in pixels of what has gone at the top.
  append(rows) {
    const known = this.rows.filter((row) => row[0] < rows[0][0]);
    const all = known.concat(rows);
    const surplus = this.surplus(all);
    let gone = 0;
    if (this.data.newestFirst || known.length < this.rows.length) this.setRows(all.slice(surplus));
    else {
      this.rows = all.slice(surplus);
      const before = this.area.value;
      const added = (known.length ? "\n" : "") + rows.map((row) => row[1]).join("\n");
      this.area.setRangeText(added, before.length, before.length, "preserve");
      let cut = 0;
      for (let line = 0; line < surplus; line++) cut = this.area.value.indexOf("\n", cut) + 1;
      if (cut) this.area.setRangeText("", 0, cut, "preserve");
      this.back.append(...rows.map((row) => this.element(row)));
      for (let line = 0; line < surplus; line++) {
        gone += this.back.firstChild.offsetHeight;
        this.back.firstChild.remove();
      }
      this.find(".frame").hidden = false;
      this.fit();
    }
    this.tellMarks();
    return gone;
  }

  setRows(rows) {
    this.rows = rows;
    const shown = this.data.newestFirst ? [...rows].reverse() : rows;
    const text = shown.map((row) => row[1]).join("\n");
    if (this.area.value !== text) this.area.value = text;
    this.back.replaceChildren(...shown.map((row) => this.element(row)));
    this.find(".frame").hidden = !rows.length;
    this.find(".new").hidden = true;
    this.fit();
    this.tellMarks();
    this.tellCount();
  }

  element([line, text, marks]) {
    const row = document.createElement("div");
    row.className = "row " + [...marks].join(" ");
    const name = document.createElement("span");
    name.className = "n";
    const sign = marks.includes("e") ? "✕ " : marks.includes("w") ? "▲ " : "";
    name.textContent = this.data.numbers ? sign + line : sign;
    name.dataset.line = line;
    row.append(name);
    if (this.data.wrap) {
      const copy = document.createElement("span"); // gives the row its height, unseen
      copy.className = "t";
      copy.textContent = text || " ";
      row.append(copy);
    }
    return row;
  }

  fit() {
    this.back.style.setProperty("--text-width", `${this.area.clientWidth}px`);
    this.scrollBack();
  }

  scrollBack() {
    this.back.style.transform = `translateY(${-this.area.scrollTop}px)`;
  }

  isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.area;
    if (this.data.newestFirst) return scrollTop <= AT_END;
    return scrollTop + clientHeight >= scrollHeight - AT_END;
  }

  scrolled() {
    this.scrollBack();
    if (this.isPlacing) return;
    const wasAway = this.isAway;
    this.isAway = !this.isAtEnd();
    if (wasAway && !this.isAway && this.data.follows) this.release();
  }

  // The reader has come to the end of what is shown: what was held back follows there, below what
  // is being read.
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
    this.tellCount();
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

  // Who follows the newest lines is not at a line that a link has named any more.
  forgetLine() {
    const address = new URL(location);
    if (!address.searchParams.has("line")) return;
    address.searchParams.delete("line");
    history.replaceState(history.state, "", address);
  }

  keepAt(top) {
    const turn = (this.placing = (this.placing ?? 0) + 1); // the latest place counts
    let left = FRAMES;
    const place = () => {
      if (turn !== this.placing) return;
      this.area.scrollTop = Math.min(top, this.area.scrollHeight);
      this.scrollBack();
      if (--left > 0) requestAnimationFrame(place);
      else this.isPlacing = false;
    };
    this.isPlacing = true;
    place();
  }

  topRow() {
    const elements = [...this.back.children];
    const first = elements.find((row) => row.offsetTop + row.offsetHeight > this.area.scrollTop);
    return first ? Number(first.firstChild.dataset.line) : null;
  }

  scrollToNumber(line) {
    const row = this.back.querySelector(`[data-line="${line}"]`)?.parentElement;
    if (row) this.keepAt(row.offsetTop);
    return Boolean(row);
  }

  // Bring a row into the middle, and select its text.
  choose(index, { takesFocus }) {
    if (index < 0) return;
    const line = this.rows[index][0];
    const at = this.data.newestFirst ? this.rows.length - 1 - index : index;
    const row = this.back.children[at];
    for (const other of this.back.querySelectorAll(".chosen")) other.classList.remove("chosen");
    row.classList.add("chosen");
    let start = 0;
    for (let passed = 0; passed < at; passed++) start = this.area.value.indexOf("\n", start) + 1;
    if (takesFocus) this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(start, start + this.rows[index][1].length);
    this.chosen = line;
    this.isAway = true;
    this.keepAt(row.offsetTop - this.area.clientHeight / 2);
    requestAnimationFrame(() => { this.isAway = !this.isAtEnd(); });
  }

  caretRow() {
    const lines = this.area.value.slice(0, this.area.selectionStart).split("\n").length - 1;
    const index = this.data.newestFirst ? this.rows.length - 1 - lines : lines;
    return this.rows[Math.max(0, Math.min(index, this.rows.length - 1))];
  }

  // To the next or the previous row with a mark; the app knows of matches that are not on screen.
  step(mark, direction) {
    const from = this.chosen ?? (direction > 0 ? 0 : Infinity);
    const marked = this.rows.map((row, index) => [row, index]).filter(([row]) => row[2].includes(mark));
    const onward = direction > 0
      ? marked.find(([row]) => row[0] > from)
      : marked.findLast(([row]) => row[0] < from);
    if (onward) this.choose(onward[1], { takesFocus: true });
    else if (mark === "h" && this.data.hasMore)
      this.go({ to: "match", from: Number.isFinite(from) ? from : this.total + 1, direction });
    else if (marked.length)
      this.choose(marked.at(direction > 0 ? 0 : -1)[1], { takesFocus: true });
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
    else this.copyText(value, `${number(this.rows.length)} lines copied`);
  }

  // The clipboard is there for pages over TLS and on this machine only; on a LAN the old way works.
  async copyText(text, said) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const aside = document.createElement("textarea");
      aside.value = text;
      aside.style.position = "fixed";
      document.body.append(aside);
      aside.select();
      if (!document.execCommand("copy")) said = "The browser did not let this be copied";
      aside.remove();
      this.area.focus({ preventScroll: true });
    }
    this.find(".said").textContent = said;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.find(".said").textContent = ""; }, 4000);
  }

  tellCount() {
    const shown = this.rows.length;
    const total = number(this.total);
    let said = "";
    if (shown && this.data.kind === "matches") said = `${number(shown)} lines shown of ${total}`;
    else if (shown && this.data.follows && !this.held.length) {
      said = shown < this.total ? `Last ${number(shown)} of ${total} lines` : `${total} lines`;
      if (shown === 1 && this.total === 1) said = "1 line";
    } else if (shown) {
      const [first, last] = [this.rows[0][0], this.rows[shown - 1][0]];
      said = `Lines ${number(first)} to ${number(last)} of ${total}`;
    }
    this.find(".count").textContent = said;
  }

  tellMarks() {
    for (const [mark, one] of [["e", "error"], ["w", "warning"], ["h", "match"]]) {
      const count = this.rows.filter((row) => row[2].includes(mark)).length;
      const group = this.find(`.marks-${mark}`);
      group.hidden = !count && !(mark === "h" && this.data.hasMore);
      const many = one === "match" ? "matches" : one + "s";
      group.querySelector("b").textContent = `${number(count)} ${count === 1 ? one : many}`;
    }
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
