// The charts and the comparison of two runs. Texts of the study stand in data only: they become text nodes,
// or rows that Vega draws as text; no expression and no HTML is made of them.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { pairs } = data;
  const narrow = matchMedia("(max-width: 759px)");
  const views = {};
  const tip = made("div", "tip");
  tip.hidden = true;
  document.body.append(tip);

  function made(name, classes, ...inside) {
    const node = document.createElement(name);
    if (classes) node.className = classes;
    node.append(...inside);
    return node;
  }

  // ---- charts

  const shows = document.getElementById("measure");
  const options = {
    mode: "vega-lite",
    ast: true,
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip,
    formatLocale: data.locale.number,
    timeFormatLocale: data.locale.time,
  };

  function tooltip(_, event, __, value) {
    tip.hidden = value === undefined || value === null || value === "";
    if (tip.hidden) return;
    tip.textContent = String(value.says ?? value);
    const left = Math.min(event.clientX + 12, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${event.clientY + 16}px`;
  }

  async function draw(figure) {
    const name = figure.dataset.chart;
    views[name]?.finalize();
    const spec = structuredClone(data.specs[narrow.matches ? "phone" : "wide"][name]);
    const { lines, ends, most } = data.rows;
    const rows = name === "compare" ? compared() : data.rows[name];
    if (!lines.length) leaveOut(spec);
    spec.params = Object.entries(given()).map(([param, value]) => ({ name: param, value }));
    if (name === "compare") spec.height = (narrow.matches ? 64 : 56) * pairs.segments.length;
    spec.description = data.charts[name];
    spec.datasets = { rows, lines, ends, most };
    views[name] = await segcoreDraw(figure, spec, options);
  }

  // A layer without rows would have an axis without ends.
  function leaveOut(spec) {
    const kept = (one) => !one.name?.startsWith("lines");
    if (spec.layer) spec.layer = spec.layer.filter(kept);
    for (const part of [spec.spec, ...(spec.vconcat ?? [])]) if (part) leaveOut(part);
  }

  function given() {
    const all = data.days;
    const ends = [all[0], all[all.length - 1]];
    const width = narrow.matches ? 328 : 720;
    const bar = Math.min(40, (width - 80) / (1.6 * all.length));
    return { days: narrow.matches ? ends : all, ends, bar, measure: shows.value, panels: data.panels };
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure.drawn")) await draw(figure);
    document.documentElement.dataset.ready = "yes";
  }

  // ---- what the chart of segments shows

  function measure() {
    views.sizes?.view.signal("measure", shows.value).runAsync();
  }

  // ---- two runs

  const first = document.getElementById("first");
  const second = document.getElementById("second");

  function chosen() {
    return [Number(first.value), Number(second.value)];
  }

  function compared() {
    const [one, two] = chosen();
    return pairs.segments.flatMap(({ name, number, fill, outline }, place) =>
      [one, two].map((run, which) => {
        const [customers, written, says] = pairs.sizes[run][place];
        const named = number ? `${number}  ${name}` : name;
        return { place, which, named, fill, outline, light: which ? 1 : 0.25, customers, written, says };
      }));
  }

  function compare(changed) {
    let [one, two] = chosen();
    if (one >= two) {
      if (changed === second) one = Math.max(0, two - 1);
      else two = Math.min(pairs.runs.length - 1, one + 1);
      if (one === two) [one, two] = two === 0 ? [0, 1] : [two - 1, two];
      first.value = String(one);
      second.value = String(two);
    }
    const both = `${one} ${two}`;
    document.getElementById("told").textContent = pairs.pairs[both].says;
    figures(one, two, both);
    who(pairs.pairs[both]);
    const view = views.compare?.view;
    if (view) view.data("rows", compared()).runAsync();
  }

  function cells(kind, texts, classes) {
    return made("tr", "", ...texts.map((text, place) => {
      const node = made(place === 0 ? "th" : kind, classes(place), text);
      if (place === 0 || kind === "th") node.scope = kind === "th" ? "col" : "row";
      return node;
    }));
  }

  function named(segment, number) {
    const chip = made("span", `chip ${number ? `c${number}` : "old"}`, number);
    chip.setAttribute("aria-hidden", "true");
    return made("span", "seg", chip, made("span", "nm", segment));
  }

  function figures(one, two, both) {
    const numbers = (place) => (place ? "num" : "");
    const table = document.querySelector("#figures table");
    const heads = [data.words.figure, pairs.runs[one], pairs.runs[two], data.words.difference];
    table.tHead.replaceChildren(cells("th", heads, numbers));
    table.tBodies[0].replaceChildren(...pairs.figures.map(({ name, texts, more }) =>
      cells("td", [name, texts[one], texts[two], more[both]], numbers)));
    document.getElementById("figures").hidden = false;
  }

  function who({ rows, why }) {
    document.getElementById("unwent").textContent = why;
    document.getElementById("unwent").hidden = rows !== null;
    document.getElementById("went").hidden = rows === null;
    if (rows === null) return;
    const table = document.querySelector("#went table");
    const names = pairs.segments.map(({ name, number }) => named(name, number));
    const heads = pairs.segments.map(({ name, number }) => named(name, number));
    const numbers = (place) => (place ? "num" : "");
    table.tHead.replaceChildren(cells("th", [data.words.from, ...heads, data.words.gone, data.words.all], numbers));
    table.tBodies[0].replaceChildren(...rows.map((row, from) => {
      const looks = (place) => (place === 0 ? "" : `num${row[place - 1] === "0" ? " z" : ""}${place - 1 === from && from < names.length ? " st" : ""}`);
      return cells("td", [names[from] ?? data.words.new, ...row], looks);
    }));
  }

  // ----

  shows?.addEventListener("change", measure);
  if (first && second) {
    first.value = String(pairs.runs.length - 2);
    second.value = String(pairs.runs.length - 1);
    for (const select of [first, second]) select.addEventListener("change", () => compare(select));
    compare(second);
  }
  narrow.addEventListener("change", drawAll);
  drawAll();
})();
