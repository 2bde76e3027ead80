// The list of customers: rows from the page's own data, drawn by DataTables, filtered by the address's #.
// What comes from data only ever becomes the text of nodes.
const $ = globalThis.segcoreLibrary;
const ZONE = document.getElementById("list");
const SIZE = 50;
const CLASSES = { number: "num", date: "nums", name: "name", cause: "cause" };
const NEVER = 99999999; // where nothing is known, dates stand last

start().catch((error) => {
  say(document.getElementById("old").dataset.says);
  ZONE.hidden = true;
  document.getElementById("old").hidden = false;
  throw error;
});

async function start() {
  if (!globalThis.DecompressionStream) throw new Error("no DecompressionStream");
  const data = await unpacked(document.getElementById("rows").textContent);
  const words = data.words;
  const columns = data.columns;
  columns.forEach(prepare);
  const count = columns[0].values.length;
  const hay = haystack(columns, count);
  const filters = columns.filter((column) => column.filtered).map((column) => filter(column, words));
  const search = document.getElementById("search");
  const kept = (row) => filters.every((one) => one.fits(row));

  head(columns);
  ZONE.hidden = false;
  const first = columns.findIndex((column) => column.key === "value");
  const table = $("#customers").DataTable({
    data: Array.from({ length: count }, (_, row) => [row]),
    columns: columns.map((column) => ({
      data: (row, type) => cell(column, row[0], type, words),
      type: "num",
      searchable: false,
      className: CLASSES[column.key] ?? CLASSES[column.kind] ?? "",
      createdCell: (td) => td.setAttribute("data-l", column.title),
    })),
    order: [[first < 0 ? 0 : first, "desc"]],
    autoWidth: false,
    orderMulti: false,
    pageLength: SIZE,
    lengthMenu: [25, 50, 100, 500],
    layout: { topStart: null, topEnd: null, bottomStart: ["info", "pageLength"], bottomEnd: "paging" },
    language: {
      info: words.info, infoEmpty: "", infoFiltered: "", emptyTable: words.empty, zeroRecords: words.empty,
      lengthMenu: words.rows, thousands: words.thousands,
      aria: { paginate: { first: words.first, last: words.last, previous: words.previous, next: words.next } },
      paginate: { first: "«", last: "»", previous: "‹", next: "›" },
    },
  });
  table.search.fixed("own", (_, row) => kept(row[0]) && found(hay[row[0]], wanted));

  let wanted = [];
  function show(said) {
    wanted = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    table.draw();
    const n = table.rows({ search: "applied" }).count();
    const text = n === count ? words.everybody : words.shown;
    say([said, text.replace("{n}", grouped(n, words)).replace("{all}", grouped(count, words))].filter(Boolean).join(" "));
  }

  function fromLink() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (asked.has("to")) asked.set("segment", asked.get("to"));
    const unknown = filters.filter((one) => !one.set(asked.get(one.key)));
    search.value = asked.get("q") ?? "";
    show(unknown.map((one) => words.unknown.replace("{value}", () => asked.get(one.key)).replace("{what}", one.title)).join(" "));
  }

  function toLink() {
    const now = filters.filter((one) => one.value !== null).map((one) => [one.key, one.value]);
    if (search.value) now.push(["q", search.value]);
    const told = new URLSearchParams(now).toString();
    history.replaceState(null, "", told ? `#${told}` : "#");
    show("");
  }

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(toLink, 150);
  });
  document.getElementById("filters").addEventListener("change", (event) => event.target !== search && toLink());
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("clear").addEventListener("click", () => {
    filters.forEach((one) => one.set(null));
    search.value = "";
    toLink();
    search.focus();
  });
  sorting(columns, table);
  document.getElementById("customers").addEventListener("click", (event) => {
    const button = event.target.closest("button.open");
    if (button) toggle(table.row(button.closest("tr")), button, data.cards);
  });
  addEventListener("hashchange", fromLink);
  fromLink();
  document.documentElement.dataset.ready = "yes";
}

// ---- data

async function unpacked(text) {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// What rows are sorted by, as numbers: places of coded columns, dates as 20260331, texts by their order.
function prepare(column) {
  const values = column.values;
  if (column.kind === "date") {
    column.order = values.map((day) => (day ? Number(day.replaceAll("-", "")) : NEVER));
  } else if (column.kind === "text") {
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const sorted = [...new Set(values.filter((text) => text !== null))].sort(collator.compare);
    const place = new Map(sorted.map((text, index) => [text, index]));
    column.order = values.map((text) => place.get(text) ?? sorted.length);
  } else {
    column.order = values.map((value) => value ?? -Infinity);
  }
}

function haystack(columns, count) {
  const asked = columns.filter((column) => column.kind === "text" || column.kind === "coded");
  return Array.from({ length: count }, (_, row) =>
    asked.map((column) => text(column, row) ?? "").join("\n").toLocaleLowerCase());
}

function found(hay, words) {
  return words.every((word) => hay.includes(word));
}

function text(column, row) {
  const value = column.values[row];
  return column.kind === "coded" ? column.names[value] : value;
}

// ---- cells

function cell(column, row, type, words) {
  if (type !== "display") return type === "filter" ? "" : column.order[row];
  const shown = told(column, row, words);
  if (column.key === "customer_id") return opener(shown, words);
  if ((column.key === "segment" || column.key === "from") && column.values[row] >= 0) {
    return chip(ZONE.dataset[`chip${column.values[row]}`], column.values[row], shown);
  }
  return document.createTextNode(shown);
}

function told(column, row, words) {
  const value = column.values[row];
  if (value === null || value === -1 && column.kind === "coded") return words.none;
  if (column.kind === "coded") return column.names[value];
  if (column.kind === "number") return grouped(value, words);
  if (column.kind === "date") {
    const [year, month, day] = value.split("-").map(Number);
    return words.date.replace("{day}", day).replace("{month}", words.months[month - 1]).replace("{year}", year);
  }
  return value;
}

function grouped(number, words) {
  const [whole, rest] = String(Math.abs(number)).split(".");
  return (number < 0 ? "−" : "") + whole.replace(/\B(?=(\d{3})+$)/g, words.thousands) + (rest ? words.decimal + rest : "");
}

function made(name, classes, ...inside) {
  const node = document.createElement(name);
  if (classes) node.className = classes;
  node.append(...inside);
  return node;
}

function chip(number, place, name) {
  const known = number !== undefined;
  return made("span", "seg", made("span", `chip ${known ? `c${number}` : "old"}`, known ? number : " "), name);
}

function opener(number, words) {
  const button = made("button", "open", number);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", `${words.open} ${number}`);
  return button;
}

function toggle(row, button, cards) {
  const open = !row.child.isShown();
  button.setAttribute("aria-expanded", String(open));
  if (!open) return row.child.hide();
  const list = made("dl", "card");
  const places = cards.rows[row.data()[0]];
  for (let i = 0; i < places.length; i += 2) {
    list.append(made("div", "", made("dt", "", sentence(cards.heads[places[i]])), made("dd", "", cards.texts[places[i + 1]])));
  }
  return row.child(list, "opened").show();
}

function sentence(words) {
  return words.slice(0, 1).toLocaleUpperCase() + words.slice(1);
}

// ---- controls

function head(columns) {
  const row = document.querySelector("#customers thead tr");
  for (const column of columns) {
    const th = made("th", column.kind === "number" ? "num" : "", column.title);
    if (column.small) th.append(made("small", "", column.small));
    th.scope = "col";
    row.append(th);
  }
}

function filter(column, words) {
  const select = document.createElement("select");
  const label = made("label", "", made("span", "", column.title), select);
  select.setAttribute("aria-label", column.title);
  select.append(new Option(words.all, ""));
  const used = new Set(column.values);
  const option = (place) => select.append(new Option(column.names[place], String(place)));
  column.names.forEach((_, place) => used.has(place) && option(place));
  document.getElementById("selects").append(label);
  return {
    key: column.key,
    title: column.title,
    get value() {
      return select.value === "" ? null : column.keys[Number(select.value)];
    },
    // Whether there is such a value; one that nobody has today may be asked for all the same.
    set(value) {
      const place = value === null ? -1 : column.keys.indexOf(value);
      const there = place >= 0;
      if (there && !used.has(place)) {
        used.add(place);
        option(place);
      }
      select.value = there ? String(place) : "";
      label.classList.toggle("on", there);
      return there || value === null;
    },
    fits(row) {
      label.classList.toggle("on", select.value !== "");
      return select.value === "" || column.values[row] === Number(select.value);
    },
  };
}

// For narrow screens, where the table has no head.
function sorting(columns, table) {
  const select = document.getElementById("sort");
  columns.forEach((column, place) => {
    const way = column.kind === "number" || column.key === "last_order" ? "desc" : "asc";
    select.append(new Option(column.title, `${place} ${way}`));
  });
  const [place, way] = table.order()[0];
  select.value = `${place} ${way}`;
  select.addEventListener("change", (event) => {
    event.stopPropagation();
    const [column, direction] = select.value.split(" ");
    table.order([[Number(column), direction]]).draw();
  });
}

function say(words) {
  document.getElementById("says").textContent = words;
}
