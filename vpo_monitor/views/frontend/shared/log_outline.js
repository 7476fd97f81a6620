// The outline of a log: one button for each section, in a row that scrolls.
const SIGNS = { ok: ["✓", "succeeded"], failed: ["✕", "failed"] };

const span = (className, text) => {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
};

export class LogOutline {
  // `onChoice` is called with the number of a section's first line.
  constructor(element, onChoice) {
    this.element = element;
    this.onChoice = onChoice;
    this.drawn = "";
    element.addEventListener("scroll", () => this.fade());
    element.addEventListener("wheel", (event) => this.scroll(event), { passive: false });
  }

  // `lines` holds the lines on screen if others can't be shown now.
  draw({ outline, omitted }, lines) {
    const shown = outline.map((section) => [...section, Boolean(lines && !lines.has(section[0]))]);
    const drawn = JSON.stringify([shown, omitted]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const { scrollLeft, clientWidth, scrollWidth, childElementCount } = this.element;
    const isAtEnd = !childElementCount || scrollLeft + clientWidth >= scrollWidth - 8;
    const buttons = shown.map((section) => this.button(section));
    if (omitted) buttons.unshift(span("none", "… Earlier sections aren’t listed"));
    if (!buttons.length) buttons.push(span("none", "No sections in these lines"));
    const focused = this.element.getRootNode().activeElement?.dataset.line;
    this.element.replaceChildren(...buttons);
    if (focused) this.element.querySelector(`[data-line="${focused}"]`)?.focus();
    this.element.scrollLeft = isAtEnd ? this.element.scrollWidth : scrollLeft;
    this.fade();
  }

  // Sections out of sight fade out at that edge.
  fade() {
    this.element.classList.toggle("scrolled", this.element.scrollLeft > 0);
  }

  button([line, title, outcome, time, isDisabled]) {
    const button = document.createElement("button");
    button.className = `section ${outcome}`;
    button.dataset.line = line;
    button.disabled = isDisabled;
    button.title = title;
    if (outcome) {
      const [sign, word] = SIGNS[outcome];
      const mark = span("sign", sign);
      mark.role = "img";
      mark.ariaLabel = word;
      button.append(mark);
    }
    button.append(span("title", title));
    if (time) button.append(span("time", time));
    button.onclick = () => this.onChoice(line);
    return button;
  }

  // A mouse wheel scrolls the row sideways, as it has nothing below.
  scroll(event) {
    const { scrollLeft, clientWidth, scrollWidth } = this.element;
    const room = event.deltaY > 0 ? scrollWidth - clientWidth - scrollLeft : scrollLeft;
    if (!event.deltaY || event.deltaX || event.shiftKey || room < 1) return;
    event.preventDefault();
    this.element.scrollLeft += event.deltaY;
  }
}
