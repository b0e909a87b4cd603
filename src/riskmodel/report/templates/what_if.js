"use strict";
// The model's arithmetic for one case, as in riskmodel.model, .explanation and .visitation.
(() => {
  const NORMAL_90 = 1.6448536269514722;
  const SAME_SCORE = 1e-9;
  const STEP = 1e-4;
  const [FALSE, UNKNOWN, TRUE] = [0, 1, 2];
  const [LIGHTEST, ADVISER, AT_RISK] = [0, 1, 2];

  const clip = (value, low, high) => Math.min(Math.max(value, low), high);
  const sigmoid = (logOdds) => {
    const small = Math.exp(-Math.abs(logOdds));
    return (logOdds >= 0 ? 1 : small) / (1 + small);
  };

  // --- Tables ---------------------------------------------------------------------------
  function entryOf(field, value) {
    if (value === null) return field.n_values;
    if (!field.number) return value;
    let low = 0;
    let high = field.edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (field.edges[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const lineOf = (field, value) =>
    value === null ? 0 : clip(value, field.line[1], field.line[2]) - field.line[0];

  function isOutside(field, value, entry) {
    if (!field.seen[entry]) return true;
    return field.number && value !== null && (value < field.limits[0] || value > field.limits[1]);
  }

  function contributionsOf(tables, own, facts, entries) {
    const terms = own.fixed.slice();
    tables.fields.forEach((field, index) => {
      terms[field.place] = field.steps[entries[index]] + field.slope * lineOf(field, facts[index]);
    });
    for (const pair of tables.pairs) {
      const [i, j] = pair.fields;
      const half = 0.5 * pair.steps[entries[i]][entries[j]];
      terms[tables.fields[i].place] += half;
      terms[tables.fields[j].place] += half;
    }
    for (const pair of own.crossed) {
      const half = 0.5 * pair.steps[entries[pair.field]];
      terms[tables.fields[pair.field].place] += half;
      terms[pair.place] += half;
    }
    return terms;
  }

  // How each changeable fact's contribution moves over refits; pairs are split in half.
  function swaysOf(tables, own, facts, entries) {
    const sways = tables.fields.map((field, index) => {
      const line = lineOf(field, facts[index]);
      return field.spread_steps[entries[index]].map(
        (step, k) => step + line * field.spread_slope[k]);
    });
    const add = (index, vector) => vector.forEach((value, k) => { sways[index][k] += 0.5 * value; });
    for (const pair of tables.spread.pairs) {
      const [i, j] = pair.fields;
      const along = pair.steps[entries[i]][entries[j]];
      add(i, along);
      add(j, along);
    }
    for (const pair of own.spread.crossed) add(pair.field, pair.steps[entries[pair.field]]);
    return sways;
  }

  function marginOf(tables, own, facts, entries) {
    const total = own.spread.total.slice();
    const add = (vector, weight) => vector.forEach((value, k) => { total[k] += weight * value; });
    tables.fields.forEach((field, index) => {
      add(field.spread_steps[entries[index]], 1);
      add(field.spread_slope, lineOf(field, facts[index]));
    });
    for (const pair of tables.spread.pairs) {
      add(pair.steps[entries[pair.fields[0]]][entries[pair.fields[1]]], 1);
    }
    for (const pair of own.spread.crossed) add(pair.steps[entries[pair.field]], 1);
    const square = total.reduce((sum, value) => sum + value * value, 0);
    return NORMAL_90 * Math.sqrt(tables.spread.scale ** 2 * square + tables.spread.beside);
  }

  // --- Duration curve -------------------------------------------------------------------
  function knotsOf(curve, score, start) {
    const [low, high] = curve.anchors;
    const inside = clip(score, low, high);
    const share = (inside - low) / (high - low);
    const weeks = [curve.landmark, ...curve.weeks];
    const chance = weeks.map((week, place) => {
      if (place === 0 || week <= start) return 1;
      const line = curve.at_low[place - 1] * (1 - share) + curve.at_high[place - 1] * share;
      return sigmoid(line + (score - inside));
    });
    return { weeks: weeks.map((week) => Math.max(week, start)), chance };
  }

  function lastingFrom(curve, knots, week) {
    const { weeks, chance } = knots;
    const upper = clip(weeks.filter((one) => one < week).length, 1, weeks.length - 1);
    const [before, after] = [weeks[upper - 1], weeks[upper]];
    const share = clip(after > before ? (week - before) / (after - before) : 1, 0, 1);
    const between = chance[upper - 1] * (1 - share) + chance[upper] * share;
    return between * Math.exp(-curve.tail_rate * Math.max(week - weeks[weeks.length - 1], 0));
  }

  const startOf = (curve, now) => Math.max(Math.min(now, curve.last_week), curve.landmark);

  function survival(curve, score, now, week) {
    const start = startOf(curve, now);
    const knots = knotsOf(curve, score, start);
    const reached = lastingFrom(curve, knots, Math.max(now, start));
    return Math.min(lastingFrom(curve, knots, Math.max(week, now)) / reached, 1);
  }

  function quantile(curve, score, now, lasting) {
    const start = startOf(curve, now);
    const knots = knotsOf(curve, score, start);
    const { weeks, chance } = knots;
    const wanted = lasting * lastingFrom(curve, knots, Math.max(now, start));
    const upper = chance.filter((one) => one > wanted).length;
    let week;
    if (upper >= weeks.length) {
      const last = weeks.length - 1;
      week = weeks[last] + Math.log(chance[last] / wanted) / Math.max(curve.tail_rate, 1e-9);
    } else {
      const inside = clip(upper, 1, weeks.length - 1);
      const [before, after] = [chance[inside - 1], chance[inside]];
      const share = clip(before > after ? (before - wanted) / (before - after) : 1, 0, 1);
      week = weeks[inside - 1] + share * (weeks[inside] - weeks[inside - 1]);
    }
    return Math.max(Math.min(week, curve.longest), now);
  }

  // --- Policy ---------------------------------------------------------------------------
  function answer(condition, facts) {
    if (typeof condition === "number") return condition;
    const [kind, ...rest] = condition;
    if (kind === "all") return Math.min(...rest.map((part) => answer(part, facts)));
    if (kind === "any") return Math.max(...rest.map((part) => answer(part, facts)));
    if (kind === "not") return TRUE - answer(rest[0], facts);
    if (kind === "most") {
      const found = rest.slice(1).map((part) => answer(part, facts));
      if (found.filter((one) => one === TRUE).length > rest[0]) return FALSE;
      return found.filter((one) => one !== FALSE).length > rest[0] ? UNKNOWN : TRUE;
    }
    const fact = facts[rest[0]];
    if (kind === "missing") return (fact === null) === rest[1] ? TRUE : FALSE;
    if (fact === null) return UNKNOWN;
    if (kind === "levels") return rest[1].includes(fact) ? TRUE : FALSE;
    const [, atLeast, atMost] = rest;
    const isIn = (atLeast === null || fact >= atLeast) && (atMost === null || fact <= atMost);
    return isIn ? TRUE : FALSE;
  }

  // What makes the recommendation itself unsure, whatever the risk: the adviser chooses then.
  const isUnsure = (rules, facts, asked, isOut) => asked === null || isOut || !rules.in_force
    || rules.needed.some((needed) => answer(needed, facts) === FALSE)
    || rules.tracks.some((track) => answer(track.when, facts) === UNKNOWN);

  function rungOf(rules, facts, asked, isOut) {
    let rung = LIGHTEST;
    const lift = (holds, least) => { if (holds) rung = Math.max(rung, least); };
    if (isUnsure(rules, facts, asked, isOut)) lift(true, ADVISER);
    else {
      lift(asked.risk >= rules.lower || asked.high >= rules.lower, ADVISER);
      lift(asked.risk >= rules.upper, AT_RISK);
    }
    for (const rule of rules.requirements) {
      const found = answer(rule.requires, facts);
      lift(found === FALSE, rule.at_least);
      lift(found === UNKNOWN, ADVISER);
    }
    return rung;
  }

  function tierOf(rules, facts, asked, isOut) {
    if (rules === null) return null;
    const track = rules.tracks.find((one) => answer(one.when, facts) === TRUE);
    if (track) return track.tier;
    const rung = rungOf(rules, facts, asked, isOut);
    if (rung === LIGHTEST && rules.lot !== null) return rules.lot;
    return rules.ladder[rung];
  }

  // --- All of it ------------------------------------------------------------------------
  function slopeOf(tables, score, risk) {
    const at = (one) => survival(tables.curve, one, tables.week, tables.horizon);
    const atBase = at(tables.base);
    const distance = score - tables.base;
    const slope = Math.abs(distance) < SAME_SCORE
      ? (at(tables.base + STEP) - at(tables.base - STEP)) / (2 * STEP)
      : (risk - atBase) / distance;
    return { slope: 100 * slope, moved: 100 * (atBase - tables.reference) };
  }

  function pointsOf(tables, terms, { slope, moved }) {
    const share = tables.week_place === null ? moved / tables.n_indicators : 0;
    const points = terms.map((term) => term * slope + share);
    if (tables.week_place !== null) points[tables.week_place] += moved;
    return points;
  }

  function pointMarginsOf(tables, sways, { slope }) {
    const { scale, of_one: unlearned } = tables.spread;
    return sways.map((sway) => {
      const square = sway.reduce((sum, value) => sum + value * value, 0);
      return NORMAL_90 * Math.abs(slope) * Math.sqrt(scale ** 2 * square + unlearned);
    });
  }

  function compute(tables, own, facts, weeks = []) {
    const curve = tables.curve;
    const now = tables.week;
    const entries = tables.fields.map((field, index) => entryOf(field, facts[index]));
    const terms = contributionsOf(tables, own, facts, entries);
    const score = terms.reduce((sum, term) => sum + term, tables.base);
    const margin = marginOf(tables, own, facts, entries);
    const risksAt = (horizon) => {
      const [risk, low, high] = [score, score - margin, score + margin].map(
        (one) => survival(curve, one, now, horizon));
      return { risk, low: Math.min(low, risk), high: Math.max(high, risk) };
    };
    const found = risksAt(tables.horizon);
    const slope = slopeOf(tables, score, found.risk);
    const sways = swaysOf(tables, own, facts, entries);
    const asked = now < tables.policy_horizon ? risksAt(tables.policy_horizon) : null;
    const median = quantile(curve, score, now, 0.5);
    const isOut = own.outside || tables.fields.some(
      (field, index) => isOutside(field, facts[index], entries[index]));
    return {
      score,
      risk: found.risk,
      risk_low: found.low,
      risk_high: found.high,
      expected_weeks: median,
      expected_weeks_low: Math.min(quantile(curve, score, now, curve.levels[0]), median),
      expected_weeks_high: Math.max(quantile(curve, score, now, curve.levels[1]), median),
      contributions: terms,
      points: pointsOf(tables, terms, slope),
      point_margins: pointMarginsOf(tables, sways, slope),
      outside: isOut,
      tier: tierOf(own.rules, facts, asked, isOut),
      curve: weeks.map((week) => survival(curve, score, now, week)),
      curve_low: weeks.map((week) => risksAt(week).low),
      curve_high: weeks.map((week) => risksAt(week).high),
    };
  }

  globalThis.riskmodel = { ...globalThis.riskmodel, compute };
})();
