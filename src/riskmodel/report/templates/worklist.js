"use strict";
// Sorts, filters and exports the worklist. Only a first piece of a long list is drawn at a time.
document.addEventListener("DOMContentLoaded", () => {
  const PIECE = 200;
  const find = (id) => document.getElementById(id);
  if (!find("worklist-data")) return;
  const data = JSON.parse(find("worklist-data").textContent);
  const { words, columns } = data;
  const body = find("list").tBodies[0];
  const rows = [...body.rows];
  const texts = rows.map((row) => row.textContent.toLocaleLowerCase(data.lang));
  const shortTexts = rows.map((row) => row.cells[0].textContent.toLocaleLowerCase(data.lang));
  const numbers = new Intl.NumberFormat(data.lang);
  const collator = new Intl.Collator(data.lang, { numeric: true });
  const heads = [...find("list").tHead.rows[0].cells];
  const state = { column: null, sense: 1, limit: PIECE, printing: false };
  let order = rows.map((_, place) => place);
  let matching = order;

  const isCovered = () => document.documentElement.classList.contains("covered");
  const fill = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  // --- Order ------------------------------------------------------------------------------
  function compare(column, sense) {
    const values = data.values[column.key];
    return (one, other) => {
      const [left, right] = [values[one], values[other]];
      if (left === right) return one - other;
      if (left === null) return 1;
      if (right === null) return -1;
      const found = column.text ? collator.compare(left, right) : left - right;
      return sense * found || one - other;
    };
  }

  function sort() {
    order = rows.map((_, place) => place);
    if (state.column !== null) order.sort(compare(columns[state.column], state.sense));
    heads.forEach((head, place) => {
      if (place === state.column) {
        head.setAttribute("aria-sort", state.sense > 0 ? "ascending" : "descending");
      } else head.removeAttribute("aria-sort");
    });
  }

  // --- Choice -----------------------------------------------------------------------------
  function select() {
    const wanted = find("search").value.trim().toLocaleLowerCase(data.lang);
    const searched = isCovered() ? shortTexts : texts;
    const tier = isCovered() ? "" : find("tier").value;
    const onlyMissing = find("only-missing").checked;
    matching = order.filter((place) =>
      (wanted === "" || searched[place].includes(wanted))
      && (tier === "" || data.values.group[place] === Number(tier))
      && (!onlyMissing || data.values.missing[place] > 0));
  }

  function draw() {
    const limit = state.printing ? Infinity : state.limit;
    const shown = matching.slice(0, limit);
    body.replaceChildren(...shown.map((place) => rows[place]));
    const left = matching.length - shown.length;
    const [all, some] = [numbers.format(rows.length), numbers.format(matching.length)];
    const parts = [fill(words.count, { shown: some, count: all })];
    if (left > 0) parts.push(fill(words.first, { shown: numbers.format(shown.length) }));
    find("count").textContent = parts.join(" ");
    find("paging").hidden = left <= 0;
    find("more").textContent = fill(words.more, { count: numbers.format(Math.min(left, PIECE)) });
  }

  function chooseAnew() {
    state.limit = PIECE;
    select();
    draw();
  }

  function sortBy(column) {
    const isSame = state.column === column;
    state.sense = isSame ? -state.sense : columns[column].sense;
    state.column = column;
    sort();
    chooseAnew();
  }

  // --- Table for a spreadsheet ------------------------------------------------------------
  function cell(value) {
    if (value === null) return "";
    if (typeof value === "number") return String(value).replace(".", data.decimal);
    const safe = /^[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n\0']/.test(value) ? `'${value}` : value;
    return /[";,\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function makeTable() {
    const kept = data.exported.filter((one) => !(one.calculated && isCovered()));
    const lines = [kept.map((one) => cell(one.label))];
    for (const place of matching) lines.push(kept.map((one) => cell(data.values[one.key][place])));
    return `\ufeff${lines.map((line) => line.join(";")).join("\r\n")}\r\n`;
  }

  function exportTable() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([makeTable()], { type: "text/csv;charset=utf-8" }));
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- Own judgement first ----------------------------------------------------------------
  function uncover() {
    const isShown = !document.documentElement.classList.toggle("covered");
    const button = find("uncover");
    button.textContent = isShown ? button.dataset.hide : button.dataset.show;
    find("covered").hidden = isShown;
    find("uncovered").hidden = !isShown;
    for (const row of rows) {
      const link = row.querySelector("a");
      if (link) link.hash = isShown ? "seen" : "";
    }
    if (!isShown && state.column !== null && columns[state.column].calculated) state.column = null;
    sort();
    chooseAnew();
  }

  // --- Start ------------------------------------------------------------------------------
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(place));
    head.replaceChildren(button);
  });
  find("filter").addEventListener("submit", (event) => event.preventDefault());
  find("filter").addEventListener("input", chooseAnew);
  find("restore").addEventListener("click", () => { state.column = null; sort(); chooseAnew(); });
  find("csv").addEventListener("click", exportTable);
  find("print").addEventListener("click", () => window.print());
  find("more").addEventListener("click", () => { state.limit += PIECE; draw(); });
  find("every").addEventListener("click", () => { state.limit = Infinity; draw(); });
  if (find("uncover")) find("uncover").addEventListener("click", uncover);
  window.addEventListener("beforeprint", () => { state.printing = true; draw(); });
  window.addEventListener("afterprint", () => { state.printing = false; draw(); });
  find("tools").hidden = false;
  chooseAnew();
});
