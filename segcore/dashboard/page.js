// The charts and the comparison of two runs. Texts of the study stand in data only: they become text nodes,
// or rows that Vega draws as text; no expression and no HTML is made of them.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
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
    const rows = name === "compare" ? compared() : data.rows[name];
    spec.datasets = { rows, lines: data.rows.lines };
    const drawn = await segcoreDraw(figure, spec, options);
    views[name] = drawn;
    if (name === "sizes") measure();
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure.drawn")) await draw(figure);
    document.documentElement.dataset.ready = "yes";
  }

  // ---- what the chart of segments shows

  const shows = document.getElementById("measure");

  function measure() {
    views.sizes?.view.signal("measure", shows.value).runAsync();
  }

  // ---- two runs

  const first = document.getElementById("first");
  const second = document.getElementById("second");
  const pairs = data.pairs;

  function chosen() {
    return [Number(first.value), Number(second.value)];
  }

  function compared() {
    const [one, two] = chosen();
    return pairs.segments.flatMap(([segment, number], place) =>
      [one, two].map((run, which) => {
        const [customers, written, says] = pairs.sizes[run][place];
        return { place, which, segment, named: number ? `${number}  ${segment}` : segment, customers, written, says };
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
    const { says, went, rows } = pairs.pairs[both];
    document.getElementById("told").textContent = says;
    figures(one, two, both);
    who(went, rows);
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

  function who(went, rows) {
    document.getElementById("unwent").hidden = rows !== null;
    document.getElementById("went").hidden = rows === null;
    if (rows === null) return;
    const table = document.querySelector("#went table");
    const names = pairs.segments.map(([segment, number]) => named(segment, number));
    const heads = pairs.segments.map(([segment, number]) => named(segment, number));
    const numbers = (place) => (place ? "num" : "");
    table.caption.textContent = went;
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
