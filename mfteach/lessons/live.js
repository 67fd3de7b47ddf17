// Figures that answer the hand, as a custom element without a library. An output of a notebook that
// shows one holds the first part of this file and the part of its lesson (they begin with "// ===="),
// so it moves without a kernel and without a network. Where scripts do not run, the still picture
// inside the element is what a reader sees.
//
// figure("name", (numbers) => ({ controls, play, draw })) describes one:
//   controls  name -> { label, min, max, step, value, say } (a slider)
//                  or { label, options, value } (a list to choose from; its value is a position)
//   play      the name of the slider that the button moves, if there is a button
//   draw      (state, board) draws the state, and returns the sentence that says what is seen
// What is dragged moves sliders, so that the keyboard can do whatever a hand can.

const number = (value, digits = 2) => {
  const size = Math.abs(value);
  const text = size >= 1e5 ? value.toExponential(1) : String(+value.toFixed(digits) || 0);
  return text.replace("e+", "e").replaceAll("-", "\u2212");
};
const range = (n) => [...Array(n).keys()];
const sum = (terms) => terms.reduce((total, term) => total + term, 0);
const between = (low, value, high) => Math.min(high, Math.max(low, value));
const polynomial = (c) => (x) => c.reduceRight((total, one) => total * x + one, 0);
const derivative = (c) => polynomial(c.map((one, power) => one * power).slice(1));
// Where so many steps lead, the start included.
const walk = (step, start, n) => {
  const places = [start];
  for (const _ of range(n)) places.push(step(places.at(-1)));
  return places;
};
const slider = (label, min, max, step, value, say = number) =>
  ({ label, min, max, step, value, say });

// ---- What a figure draws with ----------------------------------------------------------------

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const LEFT = 44, RIGHT = 14, ABOVE = 26, BELOW = 38, ROOM_FOR_TWO = 560;

class Board {
  // Panels one below the other, or beside each other where there is room.
  constructor(width, kept) {
    Object.assign(this, { width, kept, height: 0, shapes: [], holds: [], drags: [] });
  }
  panels(specs, beside = false) {
    const columns = beside && this.width >= ROOM_FOR_TWO ? specs.length : 1;
    let below = 0;
    const made = specs.map((spec, n) => {
      if (n % columns === 0) this.height += below, below = 0;
      const wide = this.width / columns;
      const panel = new Panel(this, (n % columns) * wide, this.height, wide, spec);
      below = Math.max(below, panel.outer);
      return panel;
    });
    this.height += below;
    return made;
  }
  svg() {
    return `<svg width="${this.width}" height="${this.height}" aria-hidden="true">` +
      `${[...this.shapes, ...this.holds].join("")}</svg>`; // nothing may cover what is held
  }
}

class Panel {
  constructor(board, left, top, width, { x, y, height = 240, equal, names, ticks = true }) {
    const w = width - LEFT - RIGHT;
    const h = equal ? (w * (y[1] - y[0])) / (x[1] - x[0]) : height;
    Object.assign(this, { board, x, y, outer: h + ABOVE + BELOW });
    this.box = [left + LEFT, top + ABOVE, w, h];
    const far = 1e4;
    this.X = (v) => left + LEFT + between(-far, ((v - x[0]) / (x[1] - x[0])) * w, far);
    this.Y = (v) => top + ABOVE + between(-far, ((y[1] - v) / (y[1] - y[0])) * h, far);
    this.at = (px, py) => [
      x[0] + ((px - left - LEFT) / w) * (x[1] - x[0]),
      y[1] - ((py - top - ABOVE) / h) * (y[1] - y[0]),
    ];
    if (ticks) this.axes(names);
  }
  axes(names, marks, say = (v) => number(v, 4)) {
    const [left, top, w, h] = this.box;
    for (const v of marks ?? steps(this.x, w / 60)) {
      this.line([v, this.y[0]], [v, this.y[1]], v === 0 ? "axis" : "grid");
      this.text(this.X(v), top + h + 15, say(v), "middle");
    }
    for (const v of steps(this.y, h / 36)) {
      this.line([this.x[0], v], [this.x[1], v], v === 0 ? "axis" : "grid");
      this.text(left - 6, this.Y(v) + 4, number(v, 4), "end");
    }
    this.text(left + w, top + h + 31, names[0], "end");
    this.text(left - 30, top - 10, names[1]);
    if (names[2]) this.text(left + w, top - 10, names[2], "end");
  }
  text(px, py, words, anchor = "start", kind = "") {
    this.board.shapes.push(
      `<text x="${px}" y="${py}" text-anchor="${anchor}" class="${kind}">${escaped(words)}</text>`);
  }
  // A label beside a point; at the right edge it stands on the other side.
  label([x, y], words, dx = 10, dy = -8) {
    const right = this.X(x) > this.box[0] + 0.7 * this.box[2];
    const side = right ? "end" : "start";
    this.text(this.X(x) + (right ? -dx : dx), this.Y(y) + dy, words, side, "bold");
  }
  clipped(shape) {
    const [left, top, w, h] = this.box;
    this.board.shapes.push(`<svg x="${left}" y="${top}" width="${w}" height="${h}" ` +
      `viewBox="${left} ${top} ${w} ${h}">${shape}</svg>`);
  }
  path(points, kind) {
    const d = points.map(([x, y]) => `${this.X(x).toFixed(1)} ${this.Y(y).toFixed(1)}`).join("L");
    this.clipped(`<path d="M${d}" class="${kind}"/>`);
  }
  line(from, to, kind) {
    this.path([from, to], kind);
  }
  // The straight line through a point with a slope, from edge to edge.
  straight([x, y], slope, kind) {
    this.path(this.x.map((end) => [end, y + slope * (end - x)]), kind);
  }
  curve(f, kind, from = this.x[0], to = this.x[1]) {
    this.path(range(201).map((n) => from + (n / 200) * (to - from)).map((x) => [x, f(x)]), kind);
  }
  point([x, y], kind = "dot", r = 5) {
    this.clipped(`<circle cx="${this.X(x)}" cy="${this.Y(y)}" r="${r}" class="${kind}"/>`);
  }
  arrow(from, to, kind) {
    const [a, b, c, d] = [this.X(from[0]), this.Y(from[1]), this.X(to[0]), this.Y(to[1])];
    const long = Math.hypot(c - a, d - b);
    if (long < 1) return;
    const [ux, uy] = [(c - a) / long, (d - b) / long], head = Math.min(10, long);
    const corner = (side) => [c - head * ux - side * 0.45 * head * uy,
      d - head * uy + side * 0.45 * head * ux].join(" ");
    const neck = `${c - 0.8 * head * ux} ${d - 0.8 * head * uy}`;
    this.clipped(`<path d="M${a} ${b}L${neck}" class="${kind}"/>` +
      `<path d="M${c} ${d}L${corner(1)}L${corner(-1)}Z" class="${kind} head"/>`);
  }
  // The walk from place to place.
  arrows(places, kind) {
    places.slice(1).forEach((place, n) => this.arrow(places[n], place, kind));
  }
  // A table of numbers as colours: blue above 0, orange below.
  table(rows, limit) {
    const [left, top, w, h] = this.box, wide = w / rows[0].length, tall = h / rows.length;
    rows.forEach((row, i) => row.forEach((value, j) => {
      const [px, py] = [left + j * wide, top + i * tall];
      const strength = between(0, Math.abs(value) / limit, 1) * 0.55;
      this.board.shapes.push(`<rect x="${px + 1}" y="${py + 1}" width="${wide - 2}" ` +
        `height="${tall - 2}" class="${value < 0 ? "orange" : "blue"}" opacity="${strength}"/>`);
      this.text(px + wide / 2, py + tall / 2 + 4, number(value, 1), "middle");
    }));
  }
  // Lines of equal height. They are kept as long as what f depends on stays.
  contours(f, levels, kind, on = "") {
    const key = JSON.stringify([on, kind, levels, this.box, this.x, this.y]);
    if (!this.board.kept.has(key)) this.board.kept.set(key, this.level_lines(f, levels));
    this.clipped(`<path d="${this.board.kept.get(key)}" class="${kind}"/>`);
  }
  // In each small square a line crosses two of the edges, or all four.
  level_lines(f, levels, n = 71) {
    const even = ([a, b]) => range(n + 1).map((i) => a + (i / n) * (b - a));
    const [xs, ys] = [even(this.x), even(this.y)];
    const heights = ys.map((y) => xs.map((x) => f(x, y)));
    let d = "";
    for (const i of range(n)) for (const j of range(n)) {
      const edge = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1], [i, j]];
      const h = edge.map(([a, b]) => heights[b][a]);
      const low = Math.min(...h), high = Math.max(...h);
      for (const level of levels) {
        if (level < low || level >= high) continue;
        let cuts = 0;
        for (const k of [0, 1, 2, 3]) {
          if (h[k] <= level === h[k + 1] <= level) continue;
          const t = (level - h[k]) / (h[k + 1] - h[k]), [a, b] = [edge[k], edge[k + 1]];
          const x = xs[a[0]] + t * (xs[b[0]] - xs[a[0]]), y = ys[a[1]] + t * (ys[b[1]] - ys[a[1]]);
          d += `${cuts++ % 2 ? "L" : "M"}${this.X(x).toFixed(1)} ${this.Y(y).toFixed(1)}`;
        }
      }
    }
    return d;
  }
  // A point to take hold of; moved(x, y) returns the sliders that change.
  grip([x, y], moved) {
    const place = `cx="${this.X(x)}" cy="${this.Y(y)}"`;
    this.clipped(`<circle ${place} r="8" class="grip"/>`);
    this.board.holds.push(
      `<circle ${place} r="24" class="hold" data-grip="${this.board.drags.length}"/>`);
    this.board.drags.push((px, py) => moved(...this.at(px, py)));
  }
}

// Round numbers within a range, at most so many.
function steps([low, high], most) {
  const rough = (high - low) / Math.max(2, most), power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return range(count).map((n) => +((first + n) * step).toFixed(9));
}

// ---- The element ------------------------------------------------------------------------------

// Text and axes have the ink of the page; each colour has a contrast of 3 to 1 and more with white
// and with black, so that the figures need not know the theme of the page.
const STYLE = `
:host { --blue: #2979c9; --orange: #c96a10; --red: #d6336c; --green: #12876f;
  --faint: color-mix(in srgb, currentColor 14%, transparent);
  --muted: color-mix(in srgb, currentColor 55%, transparent);
  display: block; max-width: 680px; font-size: 14px; line-height: 1.4; }
svg { display: block; overflow: hidden; max-width: 100%; }
.stage { user-select: none; -webkit-user-select: none; }
text { fill: currentColor; font: 12px system-ui, sans-serif; } .bold { font-weight: 600; }
path { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
rect.blue { fill: var(--blue); } rect.orange { fill: var(--orange); }
.ring { fill: none; stroke: currentColor; stroke-width: 2; }
path.grid { stroke: var(--faint); stroke-width: 1; }
path.axis { stroke: var(--muted); stroke-width: 1; }
path.contour { stroke-width: 1; opacity: 0.6; }
path.muted { stroke: var(--muted); } path.blue { stroke: var(--blue); }
path.orange { stroke: var(--orange); } path.red { stroke: var(--red); }
path.green { stroke: var(--green); } path.zone { stroke: var(--faint); stroke-width: 12; }
path.dashed { stroke-dasharray: 6 4; }
path.bar { stroke-width: 16; stroke-linejoin: miter; } path.faint { opacity: 0.35; }
path.thin { stroke-width: 1; } path.thick { stroke-width: 3; } path.thicker { stroke-width: 5; }
path.head { fill: currentColor; stroke: none; } path.head.blue { fill: var(--blue); }
path.head.orange { fill: var(--orange); } path.head.red { fill: var(--red); }
path.head.green { fill: var(--green); }
.dot { fill: currentColor; } .dot.blue { fill: var(--blue); } .dot.orange { fill: var(--orange); }
.dot.red { fill: var(--red); }
.grip { fill: var(--orange); stroke: currentColor; stroke-width: 1.5; }
.hold { fill: transparent; cursor: grab; touch-action: none; }
.controls { display: grid; gap: 2px 20px; align-items: center; margin: 4px 0;
  grid-template-columns: repeat(auto-fill, minmax(min(310px, 100%), 1fr)); }
label { display: flex; gap: 8px; align-items: center; } label > span { flex: none; }
button { justify-self: start; }
input { accent-color: var(--blue); flex: 1; min-width: 90px; height: 28px; margin: 0; }
output { min-width: 4em; font-variant-numeric: tabular-nums; }
button, select { font: inherit; min-height: 28px; padding: 0 10px; color: inherit;
  background: transparent; border: 1px solid var(--muted); border-radius: 6px; cursor: pointer; }
select { min-width: 0; } option { color: #111; background: #fff; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
p { margin: 4px 0 8px; min-height: 2.8em; } summary { cursor: pointer; }
details { margin-bottom: 6px; }
@media print { .controls, summary { display: none; } }`;

class LiveFigure extends HTMLElement {
  static figures = {};
  kept = new Map();
  connectedCallback() {
    const made = LiveFigure.figures[this.getAttribute("name")];
    if (this.shadowRoot || !made) return; // it was moved on its page, or its part comes later
    Object.assign(this, made(JSON.parse(this.getAttribute("numbers"))));
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${STYLE}</style><div class="live" part="live" role="group">` +
      `<div class="stage" part="stage"></div><div class="controls"></div>` +
      `<p aria-live="polite"></p></div><details part="still"><summary>The still picture</summary><slot></slot></details>`;
    [this.stage, this.bar, this.words] = root.querySelectorAll(".stage, .controls, p");
    const caption = this.querySelector("figcaption")?.textContent ?? "";
    root.querySelector(".live").setAttribute("aria-label", `To be moved: ${caption}`);
    this.inputs = Object.fromEntries(Object.entries(this.controls).map(
      ([name, control]) => [name, this.input(name, control)]));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (this.play && !still) this.bar.prepend(this.button());
    // JupyterLab moves between cells with these keys, and never lets the slider have them.
    root.addEventListener("keydown", (event) => {
      if (/^(Arrow|Home|End|Page|Enter| )/.test(event.key)) event.stopPropagation();
    });
    root.addEventListener("input", () => this.pause(), true);
    this.stage.addEventListener("pointerdown", (event) => this.drag(event));
    new ResizeObserver(() => this.redraw()).observe(this);
  }
  input(name, { label, min, max, step, value, options }) {
    const box = document.createElement("label");
    box.innerHTML = options
      ? `<span>${escaped(label)}</span><select>${options.map((words, n) =>
        `<option value="${n}">${escaped(words)}</option>`).join("")}</select>`
      : `<span>${escaped(label)}</span><input type="range" min="${min}" max="${max}" ` +
        `step="${step}"><output></output>`;
    const input = box.querySelector("input, select");
    input.value = value;
    input.name = name;
    input.addEventListener("input", () => this.redraw());
    this.bar.append(box);
    return input;
  }
  get state() {
    return Object.fromEntries(Object.entries(this.inputs).map(([name, one]) => [name, +one.value]));
  }
  set(changes) {
    for (const [name, value] of Object.entries(changes)) this.inputs[name].value = value;
    this.redraw();
  }
  redraw() {
    const width = Math.min(660, this.stage.clientWidth);
    if (width < 40) return; // folded: drawn when it is opened
    const board = new Board(width, this.kept);
    this.words.textContent = this.draw(this.state, board);
    this.stage.innerHTML = board.svg();
    this.drags = board.drags;
    for (const [name, input] of Object.entries(this.inputs)) {
      const { say } = this.controls[name];
      if (!say) continue;
      input.nextElementSibling.textContent = say(+input.value);
      input.setAttribute("aria-valuetext", say(+input.value));
    }
  }
  drag(event) {
    const grip = event.target.dataset?.grip;
    if (grip === undefined) return;
    event.preventDefault();
    this.pause();
    // The stage keeps the pointer: what was taken hold of is drawn anew with each move.
    this.stage.setPointerCapture(event.pointerId);
    const move = ({ clientX, clientY }) => {
      const { left, top } = this.stage.getBoundingClientRect();
      this.set(this.drags[grip](clientX - left, clientY - top));
    };
    const done = new AbortController();
    this.stage.addEventListener("pointermove", move, done);
    for (const end of ["pointerup", "pointercancel"])
      this.stage.addEventListener(end, () => done.abort(), done);
  }
  button() {
    this.player = document.createElement("button");
    this.player.type = "button";
    this.player.textContent = "Play";
    this.player.addEventListener("click", () => (this.frame ? this.pause() : this.run()));
    return this.player;
  }
  run() {
    const input = this.inputs[this.play], [min, max] = [+input.min, +input.max];
    const from = +input.value < max ? +input.value : min;
    const began = performance.now();
    this.player.textContent = "Pause";
    this.words.setAttribute("aria-live", "off"); // the last sentence is read, not each on the way
    const tick = (now) => {
      const value = from + ((now - began) / 8000) * (max - min);
      this.set({ [this.play]: Math.min(max, value) });
      this.frame = value < max && this.isConnected ? requestAnimationFrame(tick) : this.pause();
    };
    this.frame = requestAnimationFrame(tick);
  }
  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    if (this.player) this.player.textContent = "Play";
    this.words.setAttribute("aria-live", "polite");
  }
}

// A page with several figures has this part several times: the first one counts.
if (!customElements.get("mf-live")) customElements.define("mf-live", LiveFigure);

function figure(name, made) {
  customElements.get("mf-live").figures[name] = made;
  for (const one of document.querySelectorAll(`mf-live[name="${name}"]`)) one.connectedCallback();
}

// ==== Lesson 01 ================================================================================

figure("turning_line", ({ height }) => ({
  controls: { a: slider("the slope a", -12, 12, 0.1, 1) },
  play: "a",
  draw({ a }, board) {
    const [plane] = board.panels([
      { x: [-5, 5], y: [height - 4, height + 4], equal: true, names: ["x", "y"] }]);
    const run = Math.min(1, 3 / Math.abs(a)), far = 3 / Math.hypot(1, a);
    plane.straight([0, height], a, "thick blue");
    plane.path([[0, height], [run, height], [run, height + a * run]], "orange");
    plane.label([run, height + (a * run) / 2], `rise ${number(a * run)}`, 8, 4);
    plane.label([0, height], `run ${number(run)}`, 6, a < 0 ? -8 : 18);
    plane.point([0, height]);
    plane.grip([far, height + far * a], (x, y) => ({ a: (y - height) / Math.max(0.05, x) }));
    const way = a > 0 ? "rises" : a < 0 ? "falls" : "is level";
    const angle = (Math.atan(Math.abs(a)) * 180) / Math.PI;
    return `y = ${number(a)} x + ${number(height)}: the line ${way}, at an angle of ` +
      `${number(angle, 0)}° with the horizontal.`;
  },
}));

figure("rolling_tangent", ({ curve, ends: [from, to] }) => ({
  controls: { x: slider("x", from, to, 0.05, from) },
  play: "x",
  draw({ x }, board) {
    const f = polynomial(curve), slope = derivative(curve);
    const [above, below] = board.panels([
      { x: [-2.4, 2.4], y: [-4, 4], height: 230, names: ["x", "height", "the curve, and its tangent line"] },
      { x: [-2.4, 2.4], y: [-4, 10], height: 170, names: ["x", "slope", "the slope of its tangent line"] }]);
    above.curve(f, "thick muted");
    const run = 0.9 / Math.hypot(1, slope(x) / 3);
    above.line([x - run, f(x) - run * slope(x)], [x + run, f(x) + run * slope(x)], "thick blue");
    above.grip([x, f(x)], (at) => ({ x: at }));
    below.curve(slope, "thick blue", from, x);
    below.line([x, 0], [x, slope(x)], "orange dashed");
    below.grip([x, slope(x)], (at) => ({ x: at }));
    const way = Math.abs(slope(x)) < 1e-9 ? "it is level" : slope(x) > 0 ? "up" : "down";
    return `At x = ${number(x)} the tangent line has the slope ${number(slope(x))}: ${way}.`;
  },
}));

figure("magnifier", ({ curve, at }) => ({
  controls: {
    power: slider("magnified", 0, 3, 0.05, 0, (power) => `${number(10 ** power, power < 1 ? 1 : 0)} times`),
    x: slider("around x", -1.5, 1.5, 0.05, at),
  },
  play: "power",
  draw({ power, x }, board) {
    const f = polynomial(curve), slope = derivative(curve)(x), half = 10 ** -power;
    const tall = Math.max(1, Math.abs(slope)) * half;
    const [glass] = board.panels([{ x: [x - half, x + half], y: [f(x) - tall, f(x) + tall],
      height: 300, names: ["x", "height", "the curve, and its tangent line (dashed)"] }]);
    glass.curve(f, "thicker muted");
    glass.straight([x, f(x)], slope, "blue dashed");
    glass.point([x, f(x)]);
    const gap = (d) => Math.abs(f(x + d) - f(x) - d * slope);
    const largest = Math.max(gap(half), gap(-half));
    return `Within ${number(half, 4)} of x = ${number(x)} the curve leaves its tangent line, of ` +
      `slope ${number(slope)}, by at most ${number((100 * largest) / tall)} % of half the height ` +
      `of the window.`;
  },
}));


// ==== Lesson 02 ===============================================================================

figure("two_readings", ({ curve, at }) => ({
  controls: { change: slider("Δ", -1, 1, 0.01, 0.8) },
  play: "change",
  draw({ change }, board) {
    const f = polynomial(curve), end = at + change;
    const intended = (d) => (f(at + d) - f(at)) / d, literal = (d) => f(at + d) - f(at) / d;
    const [plane, both] = board.panels([
      { x: [-0.3, 2.3], y: [-2, 14], names: ["x", "f(x)", "a curve and its secant"] },
      { x: [-1, 1], y: [-60, 60], names: ["Δ", "“slope”", "the two formulas"] }], true);
    plane.curve(f, "thick muted");
    plane.line([at, f(at)], [end, f(at)], "orange thick");
    plane.line([end, f(at)], [end, f(end)], "green thick");
    both.curve(intended, "blue thick", -1, -1e-6);
    both.curve(intended, "blue thick", 1e-6, 1);
    both.curve(literal, "red dashed", -1, -0.01);
    both.curve(literal, "red dashed", 0.01, 1);
    both.text(both.X(1), both.Y(16), "with parentheses", "end");
    both.text(both.X(1), both.Y(-42), "as the slide has it", "end");
    plane.point([at, f(at)]);
    plane.grip([end, f(end)], (x) => ({ change: x - at }));
    if (change === 0) {
      both.point([0, intended(1e-6)], "ring");
      return "Δ = 0: both points are one, there is no triangle, and both formulas divide by 0.";
    }
    plane.straight([at, f(at)], intended(change), "blue");
    both.point([change, intended(change)], "dot blue");
    both.point([change, literal(change)], "dot red");
    return `Δ = ${number(change)}: rise ${number(f(end) - f(at))} over run ${number(change)} is ` +
      `${number(intended(change))}. Without the parentheses it would be ${number(literal(change))}.`;
  },
}));

// ==== Lesson 04 ===============================================================================

const SURFACES = [
  { name: "3x² − 2y²", f: (x, y) => 3 * x * x - 2 * y * y, slopes: (x, y) => [6 * x, -4 * y] },
  { name: "x²y", f: (x, y) => x * x * y, slopes: (x, y) => [2 * x * y, x * x] },
];

figure("slices", ({ at: [x0, y0] }) => ({
  controls: {
    surface: { label: "f(x, y) =", options: SURFACES.map(({ name }) => name), value: 0 },
    frozen: { label: "frozen:", options: ["y", "x"], value: 0 },
    x: slider("x", -2, 2, 0.05, x0),
    y: slider("y", -2, 2, 0.05, y0),
  },
  draw({ surface, frozen, x, y }, board) {
    const { f, slopes } = SURFACES[surface], [p, q] = slopes(x, y);
    const moving = frozen ? "y" : "x", still = frozen ? "x" : "y";
    const [map, slice] = board.panels([
      { x: [-2.5, 2.5], y: [-2.5, 2.5], equal: true, names: ["x", "y", "contour lines, and the gradient"] },
      { x: [-2.5, 2.5], y: [-10, 12], height: 230, names: [moving, "height", `the slice, ${still} frozen`] },
    ], true);
    map.contours(f, [0.5, 1, 2, 4, 7, 11], "contour blue", surface);
    map.contours(f, [-0.5, -1, -2, -4, -7, -11], "contour orange", surface);
    map.contours(f, [0], "contour", surface);
    map.line(frozen ? [x, -2.5] : [-2.5, y], frozen ? [x, 2.5] : [2.5, y], "thick muted");
    map.arrow([x, y], [x + p / 20, y + q / 20], "thick red");
    map.grip([x, y], (to, up) => ({ x: to, y: up }));
    const here = frozen ? y : x, slope = frozen ? q : p;
    slice.curve((t) => (frozen ? f(x, t) : f(t, y)), "thick muted");
    slice.line([here - 0.6, f(x, y) - 0.6 * slope], [here + 0.6, f(x, y) + 0.6 * slope], "thick blue");
    slice.grip([here, f(x, y)], (t) => (frozen ? { y: t } : { x: t }));
    return `At (${number(x)}, ${number(y)}), with ${still} frozen, the slope of the slice is ` +
      `${number(slope)}. The gradient is (${number(p)}, ${number(q)}); its arrow is drawn at a ` +
      `twentieth of its length.`;
  },
}));

// ==== Lesson 05 ===============================================================================

// What a step multiplies each direction by: between -1 and 1 the way to the bottom shrinks.
function multipliers(board, curvatures, rate, most) {
  const [one, other] = curvatures; // with one alone its number stands there: L is not named yet
  const by = other === undefined ? `1 − ${number(one)}η` : "1 − ηL";
  const [strip] = board.panels([{ x: [0, most], y: [-1.6, 1.6], height: 130,
    names: ["learning rate η", "", `what a step multiplies by: ${by}`] }]);
  const limit = 2 / Math.max(...curvatures);
  for (const edge of [-1, 1]) strip.line([0, edge], [most, edge], "muted dashed thin");
  strip.line([limit, -1.6], [limit, 1.6], "red dashed");
  strip.label([limit, 1.1], other === undefined ? `2/${number(one)}` : "2/L", 6, 0);
  curvatures.forEach((L, n) => {
    strip.line([0, 1], [most, 1 - most * L], n ? "orange" : "blue");
    strip.point([rate, 1 - rate * L], n ? "dot orange" : "dot blue");
  });
  strip.grip([rate, 1 - rate * curvatures[0]], (eta) => ({ rate: eta }));
  return limit;
}

figure("walk_on_parabola", ({ curvature: L, start, rate, n_steps }) => ({
  controls: {
    rate: slider("learning rate η", 0, 0.4, 1 / 120, rate, (eta) => number(eta, 3)),
    start: slider("start", -1.5, 1.5, 0.05, start),
    n: slider("steps", 0, 20, 1, n_steps),
  },
  play: "n",
  draw({ rate, start, n }, board) {
    const f = (x) => (L / 2) * x * x, by = 1 - rate * L;
    const places = walk((x) => x - rate * L * x, start, n);
    const [bowl, web] = board.panels([
      { x: [-2, 2], y: [0, 10], height: 220, names: ["x", "f(x)", "the walk"] },
      { x: [-2, 2], y: [-2, 2], height: 220, names: ["x now", "x next", "the same walk, step by step"] }], true);
    bowl.curve(f, "thick muted");
    bowl.arrows(places.map((x) => [x, f(x)]), "blue");
    bowl.grip([start, f(start)], (x) => ({ start: x }));
    web.line([-2, -2], [2, 2], "muted dashed");
    web.line([-2, -2 * by], [2, 2 * by], "orange thick");
    web.path([[start, 0], ...places.slice(0, -1).flatMap((x) => [[x, by * x], [by * x, by * x]])],
      "blue");
    const limit = multipliers(board, [L], rate, 0.4);
    const ways = [[-1.0001, "it climbs"], [-0.9999, "it jumps back and forth and comes no closer"],
      [-1e-9, "it jumps across and comes closer"], [1e-9, "it is at the bottom after one step"],
      [0.9999, "it comes closer from one side"], [Infinity, "it stays where it is"]];
    const [, way] = ways.find(([below]) => by < below);
    return `Each step multiplies x by 1 − ${number(L)}η = ${number(by)}: ${way}. ` +
      `After ${n} steps x = ${number(places.at(-1), 4)}. The limit is 2/${number(L)} = ` +
      `${number(limit, 3)}.`;
  },
}));

figure("walk_on_surface", ({ curvatures: [a, b], start, rates, rate, n_steps, window: [x, y] }) => ({
  controls: {
    rate: slider("learning rate η", ...rates, 0.005, rate, (eta) => number(eta, 3)),
    x: slider("start, x", ...x, 0.05, start[0]),
    y: slider("start, y", ...y, 0.01, start[1]),
    n: slider("steps", 0, 60, 1, n_steps),
  },
  play: "n",
  draw({ rate, x: x0, y: y0, n }, board) {
    const f = (x, y) => (a * x * x + b * y * y) / 2;
    const places = walk(([x, y]) => [x - rate * a * x, y - rate * b * y], [x0, y0], n);
    const [map] = board.panels([{ x, y, height: 260, names: ["x", "y", "contour lines, and the walk"] }]);
    const top = Math.max(f(x[1], 0), f(0, y[1]));
    const levels = [0.02, 0.08, 0.18, 0.32, 0.5, 0.72, 1].map((part) => part * top);
    map.contours(f, levels, "contour blue");
    map.contours(f, levels.map((level) => -level), "contour orange");
    map.arrows(places, "blue");
    map.grip([x0, y0], (to, up) => ({ x: to, y: up }));
    const limit = multipliers(board, [a, b], rate, rates[1]);
    const [xn, yn] = places.at(-1);
    return `After ${n} steps: (${number(xn, 3)}, ${number(yn, 3)}), where f = ${number(f(xn, yn), 4)}. ` +
      `Each step multiplies x by ${number(1 - rate * a)} and y by ${number(1 - rate * b)}; ` +
      `2/L = ${number(limit, 3)}.`;
  },
}));

// ==== Lesson 06 ===============================================================================

figure("cleopatra", ({ users, ratings, start: [h0, c0] }) => ({
  controls: {
    h: slider("her History", -0.5, 1.5, 0.05, h0),
    c: slider("her Romance", -0.5, 1.5, 0.05, c0),
  },
  draw({ h, c }, board) {
    // e_i = r_i - (u_i1 h + u_i2 c), J = 1/2 sum e_i^2, dJ/dv_s = - sum e_i u_is
    const errors = (h, c) => users.map(([u1, u2], i) => ratings[i] - (u1 * h + u2 * c));
    const J = (h, c) => sum(errors(h, c).map((e) => e * e)) / 2;
    const now = errors(h, c);
    const gradient = [0, 1].map((s) => -sum(now.map((e, i) => e * users[i][s])));
    const [map, column] = board.panels([
      { x: [-0.7, 1.7], y: [-0.7, 1.7], equal: true, names: ["History", "Romance", "J, and its gradient"] },
      { x: [0.4, users.length + 0.6], y: [-2.6, 2.6], height: 230,
        names: ["user", "error", "her column of the errors"] }], true);
    map.contours(J, [0.125, 0.5, 1, 2, 3.5, 5.5, 8, 11], "contour blue");
    map.arrow([h, c], [h + gradient[0] / 8, c + gradient[1] / 8], "thick red");
    map.grip([h, c], (x, y) => ({ h: x, c: y }));
    now.forEach((e, i) => {
      column.line([i + 1, 0], [i + 1, e], "bar " + (e < 0 ? "orange" : "blue"));
      column.text(column.X(i + 1), column.Y(e) + (e < 0 ? 15 : -5), number(e), "middle");
    });
    return `Cleopatra at (${number(h)}, ${number(c)}): J = ${number(J(h, c), 3)}, half the sum of ` +
      `the squares of the errors. The gradient is (${gradient.map((g) => number(g)).join(", ")}); ` +
      `its arrow, uphill, is drawn at an eighth of its length.`;
  },
}));

// ==== Lesson 09 ===============================================================================

figure("factorization", ({ ratings, U, V, floor, rate }) => ({
  controls: {
    rate: slider("learning rate η", 0.01, 0.3, 0.005, rate, (eta) => number(eta, 3)),
    n: slider("step", 0, 60, 1, 0),
  },
  play: "n",
  draw({ rate, n }, board) {
    const dot = (u, v) => sum(u.map((one, q) => one * v[q]));
    const errors = ({ U, V }) => ratings.map((row, i) => row.map((r, j) => r - dot(U[i], V[j])));
    const J = (point) => sum(errors(point).flat().map((e) => e * e)) / 2;
    // u_is <- u_is + eta sum_j e_ij v_js and v_js <- v_js + eta sum_i e_ij u_is, both at once
    const step = ({ U, V }) => {
      const E = errors({ U, V });
      return {
        U: U.map((u, i) => u.map((one, s) => one + rate * sum(E[i].map((e, j) => e * V[j][s])))),
        V: V.map((v, j) => v.map((one, s) => one + rate * sum(E.map((row, i) => row[j] * U[i][s])))),
      };
    };
    const points = walk((point) => (J(point) < 1e6 ? step(point) : point), { U, V }, 60);
    const values = points.map(J), now = points[n];
    const [fall, table] = board.panels([
      { x: [0, 60], y: [0, 22], names: ["step", "J", "J, and its floor (dashed)"] },
      { x: [0, 6], y: [0, 7], names: [], ticks: false }], true);
    fall.line([0, floor], [60, floor], "green dashed");
    fall.path(values.map((J, t) => [t, J]), "thick muted");
    fall.path(values.slice(0, n + 1).map((J, t) => [t, J]), "thick blue");
    fall.grip([n, Math.min(22, values[n])], (t) => ({ n: t }));
    table.table(now.U.map((u) => now.V.map((v) => dot(u, v))), 1);
    table.text(table.box[0], table.box[1] - 10, "predictions: users down, films across");
    const said = values[n] < 1e6 ? number(values[n], 4) : "beyond a million: it has blown up";
    return `Step ${n} with the rate ${number(rate, 3)}: J = ${said}. The floor is ` +
      `${number(floor, 4)}.`;
  },
}));

// ==== Lesson 10 ===============================================================================

figure("one_rating", ({ r, start, rate, n_steps }) => ({
  controls: {
    r: slider("rating r", 0.2, 2, 0.1, r),
    u: slider("start, u", -2.5, 2.5, 0.05, start[0]),
    v: slider("start, v", -2.5, 2.5, 0.05, start[1]),
    rate: slider("learning rate η", 0, 0.6, 0.01, rate),
    n: slider("steps", 0, 80, 1, n_steps),
  },
  play: "n",
  draw({ r, u, v, rate, n }, board) {
    // J = 1/2 (r - u v)^2, dJ/du = -v (r - u v), dJ/dv = -u (r - u v)
    const J = (u, v) => (r - u * v) ** 2 / 2;
    const step = ([u, v]) => [u + rate * v * (r - u * v), v + rate * u * (r - u * v)];
    const places = walk(step, [u, v], n);
    const [map] = board.panels([{ x: [-2.8, 2.8], y: [-2.4, 2.4], equal: true,
      names: ["u", "v", "J, its lowest points (green), and the walk"] }]);
    map.contours(J, [0.02, 0.1, 0.25, 0.5, 1, 2, 4, 8], "contour", r);
    for (const side of [-1, 1])
      map.path(range(101).map((t) => 2.8 ** (t / 50 - 1) * Math.sqrt(r))
        .map((t) => [side * t, (side * r) / t]), "green thick");
    map.arrows(places, "blue");
    map.grip([u, v], (to, up) => ({ u: to, v: up }));
    const [un, vn] = places.at(-1), far = !(Math.hypot(un, vn) < 1e6);
    return `From (${number(u)}, ${number(v)}), after ${n} steps: ` + (far ? "beyond all bounds." :
      `(${number(un)}, ${number(vn)}), where uv = ${number(un * vn, 3)} and ` +
      `J = ${number(J(un, vn), 4)}.`);
  },
}));

// ==== Lesson 11 ===============================================================================

figure("errors_by_strength", ({ strengths, factors, learned, unseen, biases }) => ({
  controls: {
    k: { label: "factors k", options: factors.map(String), value: factors.length - 1 },
    at: slider("λ", 0, strengths.length - 1, 1, 0, (at) => number(strengths[at], 3)),
  },
  play: "at",
  draw({ k, at }, board) {
    const top = 1.05 * Math.max(...unseen.flat());
    const [plane] = board.panels([{ x: [-0.3, strengths.length - 0.7], y: [0, top], height: 280,
      ticks: false }]);
    plane.axes(["λ", "RMSE in stars"], range(strengths.length), (at) => number(strengths[at], 3));
    plane.line([-0.3, biases], [strengths.length - 0.7, biases], "muted dashed");
    const line = (row) => row.map((error, n) => [n, error]);
    unseen.forEach((row, n) => plane.path(line(row), n === k ? "thick orange" : "faint orange"));
    learned.forEach((row, n) => plane.path(line(row), n === k ? "thick blue" : "faint blue"));
    plane.point([at, learned[k][at]], "dot blue");
    plane.grip([at, unseen[k][at]], (to) => ({ at: to }));
    const last = strengths.length - 1;
    plane.label([last, learned[k][last]], "learned", 8, 18);
    plane.label([1, unseen[k][1]], "unseen", 12, -8);
    plane.text(plane.X(last), plane.Y(biases) - 8, "biases alone", "end");
    return `${factors[k]} factors, λ = ${number(strengths[at], 3)}: ${number(learned[k][at], 3)} stars ` +
      `on the ratings that were learned, ${number(unseen[k][at], 3)} on those that were not; the ` +
      `biases alone: ${number(biases, 3)}.`;
  },
}));

// ==== Lesson 12 ===============================================================================

figure("staircase", ({ r, strength, start, rate }) => ({
  controls: {
    u: slider("start, u", -2.5, 2.5, 0.05, start[0]),
    v: slider("start, v", -2.5, 2.5, 0.05, start[1]),
    n: slider("half steps, and steps", 0, 30, 1, 3),
    rate: slider("learning rate η of the walk", 0, 0.6, 0.01, rate),
  },
  play: "n",
  draw({ u, v, n, rate }, board) {
    const J = ([u, v]) => (r - u * v) ** 2 / 2 + (strength / 2) * (u * u + v * v);
    const stairs = [[u, v]];
    for (const half of range(n)) {
      const [u, v] = stairs.at(-1), best = (other) => (r * other) / (other * other + strength);
      stairs.push(half % 2 ? [u, best(u)] : [best(v), v]);
    }
    const descent = walk(([u, v]) => [u + rate * (v * (r - u * v) - strength * u),
      v + rate * (u * (r - u * v) - strength * v)], [u, v], n);
    const [map] = board.panels([{ x: [-2.8, 2.8], y: [-2.4, 2.4], equal: true,
      names: ["u", "v", "half steps of ALS: blue; descent: orange"] }]);
    map.contours((u, v) => J([u, v]), [0.1, 0.13, 0.2, 0.35, 0.6, 1, 2, 4, 8], "contour");
    map.arrows(descent, "orange");
    map.arrows(stairs, "thick blue");
    map.grip([u, v], (to, up) => ({ u: to, v: up }));
    const [als, gd] = [stairs, descent].map((path) => J(path.at(-1)));
    const said = (J) => (J < 1e6 ? number(J, 4) : "beyond all bounds");
    return `After ${n} half steps of ALS J = ${said(als)}; after ${n} steps of gradient descent ` +
      `with the rate ${number(rate)} J = ${said(gd)}.`;
  },
}));

// ==== Lesson 14 ===============================================================================

figure("film_map", ({ places, titles, near }) => {
  const listed = range(titles.length).sort((a, b) => titles[a].localeCompare(titles[b]));
  const reach = (n) => {
    const ends = [Math.min(...places.map((p) => p[n])), Math.max(...places.map((p) => p[n]))];
    const margin = 0.08 * (ends[1] - ends[0]);
    return [ends[0] - margin, ends[1] + margin];
  };
  return {
    controls: { film: { label: "film", options: listed.map((n) => titles[n]), value: 0 } },
    draw({ film }, board) {
      const chosen = listed[film], here = places[chosen];
      const [map] = board.panels([{ x: reach(0), y: reach(1), height: 380,
        names: ["first direction", "second direction", titles[chosen]] }]);
      places.forEach((place) => map.point(place, "dot blue", 4));
      near[chosen].forEach((other, n) => {
        map.line(here, places[other], "orange thin");
        map.label(places[other], `${n + 1}`, 7, 4);
      });
      map.grip(here, (x, y) => {
        const far = ([a, b]) => Math.hypot(map.X(a) - map.X(x), map.Y(b) - map.Y(y));
        const closest = range(places.length).sort((a, b) => far(places[a]) - far(places[b]))[0];
        return { film: listed.indexOf(closest) };
      });
      const names = near[chosen].map((other, n) => `${n + 1} ${titles[other]}`).join(", ");
      return `${titles[chosen]}. Nearest to it in all factors: ${names}.`;
    },
  };
});

// ==== Lesson 15 ===============================================================================

figure("one_or_many", ({ one, rating, fixed, travel, most, full, machines }) => {
  const exponent = (value) => `10^${number(value, 1)}`;
  const power = (value) => 10 ** value;
  return {
    controls: {
      doublings: slider("machines with Spark, M", 0, 10, 1, Math.log2(machines),
        (value) => number(2 ** value)),
      ratings: slider("ratings, N", 5, 11, 0.1, 7, exponent),
    },
    play: "doublings",
    draw(state, board) {
      const M = 2 ** state.doublings, N = power(state.ratings);
      const alone = (N) => one * N;
      const ofMany = (rating + Math.min(travel * (M - 1), most)) / M;
      const many = (N) => fixed + ofMany * N;
      const [plane] = board.panels([{ x: [5, 11], y: [-3, 5], height: 300,
        names: ["N, 10 to the", "seconds, 10 to the", "one machine: blue; Spark: orange"] }]);
      const drawn = (f) => (x) => Math.log10(f(power(x)));
      const wall = Math.log10(full);
      plane.line([wall, -3], [wall, 5], "muted");
      plane.label([wall, -2.6], "its memory is full");
      plane.curve(drawn(alone), "thick blue", 5, wall);
      plane.curve(drawn(alone), "blue dashed", wall, 11);
      plane.curve(drawn(many), "thick orange");
      plane.point([state.ratings, drawn(alone)(state.ratings)], "dot blue");
      plane.grip([state.ratings, drawn(many)(state.ratings)], (x) => ({ ratings: x }));
      const gain = one - ofMany;
      const crossing = gain > 0 ? `${exponent(Math.log10(fixed / gain))} ratings` : "nowhere";
      return `One machine against ${M} with Spark. The lines cross: ${crossing}. An epoch of ` +
        `${exponent(state.ratings)} ratings: ${number(alone(N))} s on one` +
        `${N > full ? ", had it the memory" : ""}, ${number(many(N))} s on the others.`;
    },
  };
});

// ==== Quiz ====================================================================================

// <mf-quiz> holds the question and a list of answers; each says in data-says what to reply to it.
class Quiz extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("button")) return; // it was moved on its page
    const style = document.createElement("style");
    style.textContent = `
      mf-quiz ul { list-style: none; padding: 0; }
      mf-quiz button { font: inherit; color: inherit; background: none; cursor: pointer;
        border: 1px solid; border-radius: 6px; min-height: 32px; margin: 3px 0; padding: 2px 14px; }
      mf-quiz button[aria-pressed=true] { outline: 2px solid #2979c9; }`;
    const reply = document.createElement("p");
    reply.setAttribute("aria-live", "polite");
    for (const answer of this.querySelectorAll("li")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...answer.childNodes);
      button.addEventListener("click", () => {
        for (const one of this.querySelectorAll("button"))
          one.setAttribute("aria-pressed", one === button);
        reply.textContent = `${answer.dataset.letter}: ${answer.dataset.says}`;
      });
      answer.append(button);
    }
    this.addEventListener("keydown", (event) => {
      if (["Enter", " "].includes(event.key)) event.stopPropagation(); // JupyterLab's, otherwise
    });
    this.append(style, reply);
  }
}

if (!customElements.get("mf-quiz")) customElements.define("mf-quiz", Quiz);
