// A list of any length that draws only what is seen: rows of one height, placed in a spacer as high as all of them would be.
//
//   const list = new List(element, {height: 28, draw(row, n) {...}, choose(n) {...}});
//   list.show(40000);        // so many rows; draw(row, n) is asked for those in sight
//
// The element is one tab stop; arrows move the choice (aria-activedescendant), and the owner hears of it through `choose`.

export class List {
  #element;
  #spacer;
  #options;
  #length = 0;
  #chosen = -1;
  #rows = new Map();
  #spare = [];
  #asked = false;

  constructor(element, options) {
    this.#element = element;
    this.#spacer = element.querySelector(".spacer");
    this.#options = options;
    element.addEventListener("scroll", () => this.refresh(), { passive: true });
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("click", (event) => {
      const row = event.target.closest("[data-n]");
      if (row) this.choose(Number(row.dataset.n), { open: true });
    });
    new ResizeObserver(() => {
      if (this.#chosen >= 0) this.#reveal(this.#chosen, false);
      this.refresh();
    }).observe(element);
  }

  get chosen() {
    return this.#chosen;
  }

  /** Shows so many rows, drawn anew. */
  show(length) {
    this.#length = length;
    if (this.#chosen >= length) this.#chosen = -1;
    this.#spacer.style.height = `${length * this.#options.height}px`;
    for (const row of this.#rows.values()) row.dataset.stale = "1";
    this.refresh();
  }

  /** Chooses a row and brings it into sight. */
  choose(n, { open = false, center = false } = {}) {
    if (n < 0 || n >= this.#length) return;
    const old = this.#rows.get(this.#chosen);
    old?.setAttribute("aria-selected", "false");
    this.#chosen = n;
    this.#reveal(n, center);
    this.#draw();
    this.#rows.get(n)?.setAttribute("aria-selected", "true");
    this.#element.setAttribute("aria-activedescendant", `row-${n}`);
    this.#options.choose(n, open);
  }

  /** Draws again what is in sight, at the next frame. */
  refresh() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #reveal(n, center) {
    const { height } = this.#options, top = n * height, view = this.#element.clientHeight, at = this.#element.scrollTop;
    if (center && (top < at + height * 2 || top > at + view - height * 3)) this.#element.scrollTop = top - view / 3;
    else if (top < at) this.#element.scrollTop = top;
    else if (top + height > at + view) this.#element.scrollTop = top + height - view;
  }

  #draw() {
    const { height, draw } = this.#options, from = Math.max(0, Math.floor(this.#element.scrollTop / height) - 6);
    const to = Math.min(this.#length, Math.ceil((this.#element.scrollTop + this.#element.clientHeight) / height) + 6);
    for (const [n, row] of this.#rows) {
      if (n >= from && n < to) continue;
      this.#rows.delete(n);
      this.#spare.push(row);
      row.hidden = true;
      row.removeAttribute("id");
      row.setAttribute("aria-selected", "false");
    }
    for (let n = from; n < to; n += 1) {
      let row = this.#rows.get(n);
      if (row && !row.dataset.stale) continue;
      if (!row) {
        row = this.#spare.pop() ?? this.#spacer.appendChild(document.createElement("div"));
        this.#rows.set(n, row);
        row.hidden = false;
        row.id = `row-${n}`;
        row.dataset.n = n;
        row.setAttribute("role", "option");
        row.setAttribute("aria-posinset", n + 1);
        row.style.transform = `translateY(${n * height}px)`;
      }
      delete row.dataset.stale;
      row.setAttribute("aria-setsize", this.#length);
      row.setAttribute("aria-selected", n === this.#chosen ? "true" : "false");
      draw(row, n);
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#length === 0) return;
    const page = Math.max(1, Math.floor(this.#element.clientHeight / this.#options.height) - 1), at = this.#chosen, last = this.#length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), PageDown: at + page, PageUp: Math.max(0, at - page), Home: 0, End: last }[event.key];
    if (to !== undefined) this.choose(Math.min(last, to));
    else if (event.key === "Enter" && at >= 0) this.choose(at, { open: true });
    else if (!this.#options.key?.(event.key)) return;
    event.preventDefault();
  }
}
