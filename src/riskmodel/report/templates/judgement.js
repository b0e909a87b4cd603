"use strict";
// Asks for the adviser's own judgement before the calculation is shown, and saves a record of it.
(() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`);
  const own = { risk: null, offer: null, reason: null, first: false };

  function complain(field, errorId, isWrong) {
    find(errorId).hidden = !isWrong;
    field.setAttribute("aria-invalid", String(isWrong));
    return isWrong;
  }

  function focusFirst(wrong) {
    const first = wrong.find(([isWrong]) => isWrong);
    if (first) first[1].focus();
    return Boolean(first);
  }

  // --- Own judgement --------------------------------------------------------------------
  function readOwn(seen) {
    const risk = find("own-risk");
    const offer = find("own-offer");
    const reason = find("own-reason");
    const text = risk.value.trim().replace(/\s*%$/, "");
    const isNumber = /^\d{1,3}$/.test(text) && Number(text) <= 100;
    const answer = chosen("own-offer");
    const wrong = [
      [complain(risk, "own-risk-error", !isNumber), risk],
      [complain(offer, "own-offer-error", !answer), offer.querySelector("input")],
      [complain(reason, "own-reason-error", !reason.value), reason],
    ];
    offer.removeAttribute("aria-invalid");
    if (focusFirst(wrong)) return false;
    own.risk = Number(text) / 100;
    own.offer = answer.value === "yes";
    own.reason = reason.value;
    own.first = !seen;
    return true;
  }

  function tellOwn(words) {
    const reason = find("own-reason");
    find("own-given-risk").textContent = words.percent.replace("{n}", Math.round(own.risk * 100));
    find("own-given-offer").textContent = own.offer ? words.yes : words.no;
    find("own-given-reason").textContent = reason.options[reason.selectedIndex].text;
    find("own-given-first").textContent = own.first ? words.yes : words.no;
    find("own-form").hidden = true;
    find("own-given").hidden = false;
  }

  function showCalculation() {
    root.classList.remove("ask-first");
    const heading = document.querySelector("#summary h2");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  }

  function askFirst(words) {
    const seen = location.hash === "#seen";
    const form = find("own-form");
    form.hidden = false;
    find("own-seen").hidden = !seen;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!readOwn(seen)) return;
      tellOwn(words);
      showCalculation();
    });
  }

  // --- Decision -------------------------------------------------------------------------
  function today() {
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  }

  const decided = () => (chosen("decision") ? chosen("decision").value : null);
  const departs = (data) => decided() !== null && decided() !== data.record.seen_tier;

  function readDecision(data) {
    const field = find("decision");
    if (!field) return true;
    const reason = find("departure-reason");
    const wrong = [
      [complain(field, "decision-error", decided() === null), field.querySelector("input")],
      [complain(reason, "departure-error", departs(data) && !reason.value), reason],
    ];
    field.removeAttribute("aria-invalid");
    return !focusFirst(wrong);
  }

  function save(data) {
    const record = {
      ...data.record,
      own_judgement_first: own.first,
      own_risk: own.risk,
      own_offer: own.offer,
      own_reason: own.reason,
      decided_tier: decided(),
      departure_reason: departs(data) ? find("departure-reason").value : null,
      decided_on: today(),
    };
    const blob = new Blob([`${JSON.stringify(record, null, 2)}\n`], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    find("decision-saved").textContent = data.words.saved.replace("{name}", data.file);
  }

  function offerDecision(data) {
    const form = find("decision-form");
    form.hidden = false;
    root.classList.add("decides");
    form.addEventListener("change", () => {
      const departure = find("departure");
      if (departure) departure.hidden = !departs(data);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (readDecision(data)) save(data);
    });
    find("print").addEventListener("click", () => window.print());
  }

  document.addEventListener("DOMContentLoaded", () => {
    const data = JSON.parse(find("judgement-data").textContent);
    if (find("own-form")) askFirst(data.words);
    offerDecision(data);
  });
})();
