// The sign of a stage: a colour, a shape and a number, so that none of them has to carry it alone.

const SVG = "http://www.w3.org/2000/svg";
/** Square, diamond, circle, triangle, hexagon; a sixth stage begins again, and its number still tells. */
export const SHAPES = [
  "M2.5 2.5h11v11h-11z",
  "M8 .8 15.2 8 8 15.2.8 8z",
  "M8 1.4a6.6 6.6 0 1 1 0 13.2A6.6 6.6 0 1 1 8 1.4z",
  "M8 1 15.4 14.2H.6z",
  "M4.4 1.8h7.2L15.2 8l-3.6 6.2H4.4L.8 8z",
];

/** The sign of a stage, or for `null` that of an event that matches and is in no alert. */
export function mark(stage, label) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", stage === null ? "mark open" : `mark stage-${stage % SHAPES.length}`);
  path.setAttribute("d", stage === null ? "M8 4.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 1 1 0-6.8z" : SHAPES[stage % SHAPES.length]);
  svg.append(path);
  if (stage !== null) {
    const number = document.createElementNS(SVG, "text");
    number.setAttribute("x", "8");
    number.setAttribute("y", stage % SHAPES.length === 3 ? "12.6" : "11.2");
    number.textContent = stage + 1;
    svg.append(number);
  }
  return svg;
}
