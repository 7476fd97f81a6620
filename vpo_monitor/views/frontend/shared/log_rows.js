// The rows of a log: their text in a read-only text area, and behind it rows of the same height with
// line numbers and highlights, which a text area can't show.

const AT_END = 8; // pixels
const FRAMES = 4; // the scroll position is set in so many frames: one is sometimes too early
const SCROLLING = ["wheel", "touchmove", "pointerdown", "keydown"]; // events of a viewer who may scroll

export class LogRows {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.area = this.find("textarea");
    this.back = this.find(".rows");
    this.rows = [];
    this.data = null;
    this.isAway = false; // from the end
    for (const type of SCROLLING)
      this.area.addEventListener(type, () => this.stopPlacing(), { passive: true });
  }

  // Called after the rows have changed.
  changed() {}

  // The number of rows to drop so that the rest is within the limits.
  surplus(rows) {
    let characters = rows.reduce((sum, row) => sum + row[1].length, 0);
    let cut = Math.max(0, rows.length - this.data.limit);
    for (let line = 0; line < cut; line++) characters -= rows[line][1].length;
    while (characters > this.data.characters && cut < rows.length - 1)
      characters -= rows[cut++][1].length;
    return cut;
  }

  // Returns the height in pixels of the rows dropped at the top.
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
    this.changed();
    return gone;
  }

  setRows(rows) {
    this.rows = rows;
    const shown = this.data.newestFirst ? [...rows].reverse() : rows;
    const text = shown.map((row) => row[1]).join("\n");
    if (this.area.value !== text) this.area.value = text;
    this.back.replaceChildren(...shown.map((row) => this.element(row)));
    this.find(".frame").hidden = !rows.length;
    this.fit();
    this.changed();
  }

  element([line, text, marks, found]) {
    const row = document.createElement("div");
    row.className = ["row", ...marks, line === this.chosen ? "chosen" : ""].join(" ");
    const name = document.createElement("span");
    name.className = "n";
    const sign = marks.includes("e") ? "✕ " : marks.includes("w") ? "▲ " : "";
    name.textContent = this.data.numbers ? sign + line : sign;
    name.dataset.line = line;
    row.append(name);
    if (this.data.wrap || found.length) row.append(this.hiddenText(text, found));
    return row;
  }

  // The text once more, hidden: it gives a wrapped row its height, and found text its highlight.
  hiddenText(text, found) {
    const copy = document.createElement("span");
    copy.className = "t";
    let from = 0;
    for (const [start, end] of found) {
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, end);
      copy.append(text.slice(from, start), mark);
      from = end;
    }
    copy.append(text.slice(from) || " ");
    const clip = document.createElement("span");
    clip.className = "clip";
    clip.append(copy);
    return clip;
  }

  fit() {
    const { clientWidth, clientHeight, offsetHeight } = this.area;
    this.back.style.setProperty("--text-width", `${clientWidth}px`);
    const bar = offsetHeight - clientHeight;
    this.find(".back").style.bottom = `${bar}px`; // above the scroll bar
    this.find(".frame").style.setProperty("--needed", `${this.back.offsetHeight + bar}px`);
    this.scrollBack();
  }

  scrollBack() {
    this.seenTop = this.area.scrollTop;
    this.back.style.transform = `translateY(${-this.area.scrollTop}px)`;
    this.back.style.setProperty("--scrolled", `${-this.area.scrollLeft}px`);
  }

  isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.area;
    if (this.data.newestFirst) return scrollTop <= AT_END;
    return scrollTop + clientHeight >= scrollHeight - AT_END;
  }

  keepAt(top) {
    this.stopPlacing(); // the latest call wins
    const turn = this.placing;
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

  // The viewer's own scrolling overrides this.
  stopPlacing() {
    this.placing = (this.placing ?? 0) + 1;
    this.isPlacing = false;
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

  // Scroll a row to the middle, and select its text.
  choose(index, { takesFocus }) {
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
}
