// When things happened: a bar for each stretch of time, as high as it is busy, and over it the signs of the alerts' events.

import { SHAPES } from "./marks.js";

export class Timeline {
  #canvas;
  #go;
  #asked = false;
  #state = null;
  #range = null;

  constructor(canvas, go) {
    this.#canvas = canvas;
    this.#go = go;
    new ResizeObserver(() => this.draw(this.#state)).observe(canvas);
    canvas.addEventListener("click", (event) => this.#click(event.offsetX));
  }

  draw(state) {
    this.#state = state;
    if (this.#asked || !state) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
    });
  }

  #paint() {
    const { rows, alerts, marks } = this.#state, canvas = this.#canvas, scale = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext("2d"), style = getComputedStyle(canvas), colour = (name) => style.getPropertyValue(name).trim();
    context.scale(scale, scale);
    let low = Infinity, high = -Infinity;
    for (const { time } of rows) {
      if (time === null) continue;
      if (time < low) low = time;
      if (time > high) high = time;
    }
    this.#range = low <= high ? { low, high: Math.max(high, low + 1) } : null;
    canvas.setAttribute("aria-label", this.#range ? `Events from ${new Date(low).toISOString()} to ${new Date(high).toISOString()}, ${alerts.length} alerts` : "No events");
    if (!this.#range) return;

    const step = 4, bars = new Array(Math.max(1, Math.floor(width / step))).fill(0), span = this.#range.high - low;
    const place = (time) => ((time - low) / span) * (width - 16) + 8;
    for (const { time } of rows) if (time !== null) bars[Math.min(bars.length - 1, Math.floor(place(time) / step))] += 1;
    const most = Math.log1p(Math.max(...bars)), floor = height - 13;
    context.fillStyle = colour("--bar");
    bars.forEach((count, n) => {
      const tall = count ? Math.max(2, (Math.log1p(count) / most) * (floor - 15)) : 0;
      context.fillRect(n * step, floor - tall, step - 1, tall);
    });

    context.font = `11px ${style.fontFamily}`;
    context.fillStyle = colour("--soft");
    const clock = (time) => new Date(time).toISOString().slice(11, span < 10_000 ? 23 : 19);
    context.fillText(clock(low), 8, height - 2);
    context.textAlign = "right";
    context.fillText(clock(high), width - 8, height - 2);
    if (width > 420) {
      context.textAlign = "center";
      context.fillText(clock(low + span / 2), width / 2, height - 2);
    }
    const shown = [...marks].slice(0, 3000).map(([row, [{ stage }]]) => ({ x: place(rows[row].time), stage }));
    for (const { x } of shown) {
      context.fillStyle = colour("--line");
      context.fillRect(Math.round(x), 8, 1, floor - 8);
    }
    for (const { x, stage } of shown.sort((a, b) => b.stage - a.stage)) {
      context.save();
      context.translate(x - 5, 1);
      context.scale(0.625, 0.625);
      context.fillStyle = colour(`--s${stage % SHAPES.length}`);
      context.fill(new Path2D(SHAPES[stage % SHAPES.length]));
      context.restore();
    }
  }

  /** To the nearest event of an alert if one is close by, else to the nearest event. */
  #click(x) {
    if (!this.#range) return;
    const { rows, marks } = this.#state, { low, high } = this.#range, width = this.#canvas.clientWidth;
    const time = low + ((x - 8) / (width - 16)) * (high - low), near = ((high - low) / width) * 8;
    let best = null, distance = Infinity;
    const consider = (row, weight) => {
      if (rows[row].time === null) return;
      const away = Math.abs(rows[row].time - time) * weight;
      if (away < distance) [best, distance] = [row, away];
    };
    for (const row of marks.keys()) consider(row, 1);
    if (distance > near) {
      distance = Infinity;
      for (let row = 0; row < rows.length; row += 1) consider(row, 1);
    }
    if (best !== null) this.#go(best);
  }
}
