"use strict";
// Shows a case worked out anew for the facts that the adviser tries.
document.addEventListener("DOMContentLoaded", () => {
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find("what-if-data").textContent);
  const { tables, own, words } = data;
  const form = find("what-if-form");
  const controls = [...form.querySelectorAll("[data-fact]")];
  const fill = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  // --- Figures as Python writes them ------------------------------------------------------
  function round(value) {
    const below = Math.floor(value);
    if (value - below === 0.5) return below % 2 === 0 ? below : below + 1;
    return Math.round(value);
  }

  function percent(chance) {
    const figure = (n) => fill(words.percent, { n });
    if (chance < 0.01) return fill(words.under, { n: figure(1) });
    if (chance > 0.99) return fill(words.over, { n: figure(99) });
    return figure(round(chance * 100));
  }

  function wholeWeeks(weeks) {
    const isBeyond = round(weeks) >= data.last_week;
    const n = String(isBeyond ? round(data.last_week * 10) / 10 : round(weeks));
    const text = fill(n === "1" ? words.week : words.weeks, { n: n.replace(".", words.decimal) });
    return isBeyond ? fill(words.over, { n: text }) : text;
  }

  function signed(points) {
    if (Math.abs(points) < 1) return fill(words.under, { n: 1 });
    const size = round(points);
    return size > 0 ? `+${size}` : `\u2212${-size}`;
  }

  function wholePoints(points) {
    const size = round(points);
    if (size === 0) return "0";
    return size > 0 ? `+${size}` : `\u2212${-size}`;
  }

  const between = (low, high) => fill(words.from_to, { low, high });
  const ranged = (low, high) =>
    low === high ? fill(words.about, { n: low }) : between(low, high);
  const beside = (figure, range) => fill(words.beside, { figure, range });

  function chanceAt(result, place) {
    const ends = ranged(percent(result.curve_low[place]), percent(result.curve_high[place]));
    return beside(percent(result.curve[place]), ends);
  }

  function pointsOf(result, index) {
    const points = result.points[tables.fields[index].place];
    const margin = result.point_margins[index];
    return beside(signed(points), ranged(wholePoints(points - margin), wholePoints(points + margin)));
  }

  // --- Facts ------------------------------------------------------------------------------
  function readNumber(control) {
    const text = control.value.trim().replace(",", ".");
    if (text === "") return null;
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    return value >= Number(control.dataset.low) && value <= Number(control.dataset.high)
      ? value : undefined;
  }

  function readFact(control) {
    if (control.tagName === "SELECT") return control.value === "" ? null : Number(control.value);
    const value = readNumber(control);
    control.setAttribute("aria-invalid", String(value === undefined));
    find(`${control.id}-error`).hidden = value !== undefined;
    return value;
  }

  // --- Result -----------------------------------------------------------------------------
  function draw(line, chances) {
    const first = data.weeks[0];
    const span = data.weeks[data.weeks.length - 1] - first;
    const points = chances.map((chance, place) =>
      `${(56 + 634 * (data.weeks[place] - first) / span).toFixed(1)},${(170 - 160 * chance).toFixed(1)}`);
    line.setAttribute("points", points.join(" "));
  }

  function show(result) {
    const texts = {
      risk: percent(result.risk),
      interval: ranged(percent(result.risk_low), percent(result.risk_high)),
      expected: wholeWeeks(result.expected_weeks),
      range: between(wholeWeeks(result.expected_weeks_low), wholeWeeks(result.expected_weeks_high)),
      tier: result.tier === null ? "" : data.tiers[result.tier],
    };
    for (const cell of document.querySelectorAll("[data-result]")) {
      cell.textContent = texts[cell.dataset.result];
    }
    for (const cell of document.querySelectorAll("[data-points]")) {
      cell.textContent = pointsOf(result, cell.dataset.points);
    }
    for (const cell of document.querySelectorAll("[data-mark]")) {
      cell.textContent = chanceAt(result, data.weeks.length + Number(cell.dataset.mark));
    }
    find("what-if-outside").hidden = !result.outside || own.outside;
    if (find("what-if-after")) draw(find("what-if-after"), result.curve.slice(0, data.weeks.length));
  }

  const allWeeks = [...data.weeks, ...data.marks];
  const compute = (facts) => globalThis.riskmodel.compute(tables, own, facts, allWeeks);
  const before = compute(own.facts);

  function update() {
    const facts = controls.map(readFact);
    if (facts.includes(undefined)) return;
    const isSame = facts.every((fact, place) => fact === own.facts[place]);
    const result = isSame ? before : compute(facts);
    show(result);
    find("what-if-status").textContent = isSame ? words.same
      : fill(words.status, { before: percent(before.risk), after: percent(result.risk) });
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(update));
  if (find("what-if-before")) draw(find("what-if-before"), before.curve.slice(0, data.weeks.length));
  show(before);
  find("what-if-box").hidden = false;
});
