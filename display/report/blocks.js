// The parts a section is made of, each as an element.
const SHOWN_ROWS = 15;
const SHOWN_COHORTS = 5;
const ORDERED = ["stage", "step"];

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A figure that tells on demand how it is made; main.js listens for the press.
function figureButton(metric, figure, part, text) {
  return el("button", {
    type: "button", class: "figure", "data-code": metric.code, "data-period": figure.period.key,
    "data-dimension": part.dimension, "data-member": part.member,
    "aria-haspopup": "dialog", title: "How this figure is made",
  }, text ?? write(figure.value, metric.unit));
}

function chips(shown) {
  const said = remarks(shown);
  if (!said.length) return null;
  return el("div", { class: "chips" },
    ...said.map(({ text, kind }) => el("span", { class: `chip ${kind ?? ""}`.trim() }, text)));
}

function deltaText(shown) {
  const delta = change(shown);
  if (!delta) return null;
  const tone = delta.isGood === null ? "" : delta.isGood ? "good" : "bad";
  return el("p", { class: `delta ${tone}`.trim() },
    el("span", { "aria-hidden": "true" }, `${delta.sign} `),
    delta.word === "unchanged" ? `unchanged since ${delta.since}` : `${delta.word} ${delta.text} on ${delta.since}`);
}

function trendRows(code, part) {
  const rows = rowsOf(code, part).filter((row) => row.value !== null);
  const months = rows.filter((row) => row.period.type === "month");
  if (months.length >= 3) return months;
  return rows.filter((row) => row.period.type === "fiscal_quarter");
}

function card(code) {
  const shown = show(code);
  if (!shown) return null;
  if (!shown.figure) {
    return el("div", { class: "card" }, el("h3", {}, shown.metric.name),
      el("p", { class: "empty" }, `Nothing for ${periodOf[state.period].label}`));
  }
  return el("div", { class: "card", "data-metric": code },
    el("h3", {}, shown.metric.name),
    figureButton(shown.metric, shown.figure, shown.part),
    deltaText(shown), chips(shown), sparkline(trendRows(code, shown.part)));
}

const makers = {
  cards: ({ metrics }) => el("div", { class: "cards" }, ...metrics.map(card)),

  thresholds: ({ metrics }) => {
    const rows = metrics.map((code) => {
      const shown = show(code, WHOLE);
      const { metric, figure, isMet: met } = shown;
      const said = met === true ? "Met" : met === false ? "Missed" : "No figure";
      return [
        { head: metric.name },
        el("span", { class: `chip ${met === true ? "good" : met === false ? "bad" : ""}`.trim() },
          met === null || met === undefined ? said : `${met ? "✓" : "✗"} ${said}`),
        { number: figure ? figureButton(metric, figure, WHOLE) : "–" },
        { number: wanted(metric) },
        figure ? figure.period.label : "–",
      ];
    });
    return table("Thresholds", ["Metric", "State", "Figure", "Wanted", "Period"], rows, [2, 3]);
  },

  trend: ({ metrics: [code] }) => {
    const { metric, part, isWhole } = show(code) ?? {};
    const rows = metric ? trendRows(code, part) : [];
    if (rows.length < 2) return empty("There are not enough months to draw.");
    const place = el("div", { class: "chart" });
    const [first, last] = [rows[0], rows.at(-1)];
    pending.push(() => draw(place, trendSpec(metric, rows),
      `${metric.name} from ${first.period.label} (${write(first.value, metric.unit)}) ` +
      `to ${last.period.label} (${write(last.value, metric.unit)}).`));
    return el("div", { class: "panel" }, isWhole ? wholeChip() : null, place, figuresBelow([metric], { [code]: rows }, part));
  },

  stack: ({ metrics: codes }) => {
    const metrics = codes.map((code) => report.metrics[code]);
    const shown = show(codes[0]);
    const part = shown.part;
    const rows = Object.fromEntries(codes.map((code) =>
      [code, rowsOf(code, part).filter((row) => row.period.type === "month" && row.value)]));
    if (!Object.values(rows).some((list) => list.length)) return empty("Nothing moved.");
    const place = el("div", { class: "chart" });
    pending.push(() => draw(place, stackSpec(metrics, rows),
      `${metrics.map((m) => m.name).join(", ")} by month; the table below has the figures.`));
    return el("div", { class: "panel" }, shown.isWhole ? wholeChip() : null, place, figuresBelow(metrics, rows, part));
  },

  funnel: ({ metrics: codes }) => {
    const all = codes.map((code) => show(code)).filter((shown) => shown?.figure?.value != null);
    // Steps of a channel and of the whole company do not make one funnel.
    const parts = all.filter((shown) => !shown.isWhole);
    const steps = parts.length ? parts : all;
    if (!steps.length) return empty("Nothing in this period.");
    const most = Math.max(...steps.map((shown) => shown.figure.value), 1);
    const lines = steps.flatMap((shown, i) => {
      const fill = el("div", { class: "fill" });
      fill.style.width = `${(100 * shown.figure.value) / most}%`;
      const line = el("div", { class: "step" }, el("span", {}, shown.metric.name,
        shown.isWhole ? el("span", { class: "muted" }, " (whole company)") : null),
        el("div", { class: "track", "aria-hidden": "true" }, fill),
        figureButton(shown.metric, shown.figure, shown.part, plainNumber(shown.figure.value)));
      const before = steps[i - 1];
      if (!before || !before.figure.value || before.isWhole !== shown.isWhole) return [line];
      const share = number((100 * shown.figure.value) / before.figure.value, 1);
      return [el("p", { class: "between" }, `${share} for every 100 above`), line];
    });
    return el("div", { class: "panel funnel" }, ...lines);
  },

  members: ({ metrics: codes, dimension, title }) => {
    const found = (report.dimensions[dimension] ?? [])
      .map((member) => ({ member, row: codes.map((code) => show(code, { dimension, member: member.id })) }))
      .filter(({ row }) => row.some((shown) => shown?.figure?.value != null));
    if (!found.length) return empty(`Nothing for ${periodOf[state.period].label}; figures by ${spoken(dimension)} are kept for quarters and longer where there are many.`);
    const rank = (row) => row.map((shown) => shown?.figure?.value ?? -Infinity);
    if (!ORDERED.includes(dimension)) {
      found.sort((a, b) => {
        const [left, right] = [rank(a.row), rank(b.row)];
        const place = left.findIndex((value, i) => value !== right[i]);
        return place < 0 ? 0 : right[place] - left[place];
      });
    }
    const used = codes.map((_, i) => i).filter((i) => found.some(({ row }) => row[i]?.figure?.value != null));
    const few = found.some(({ row }) => used.some((i) => row[i]?.figure?.value != null && isFew(row[i])));
    const most = codes.map((_, i) => Math.max(...found.map(({ row }) => Math.abs(row[i]?.figure?.value ?? 0))));
    const cells = found.map(({ member, row }) => [
      { head: member.name, isChosen: state.dimension === dimension && state.member === member.id },
      ...used.map((i) => ({ number: memberCell(row[i], most[i]) })),
    ]);
    const names = used.map((i) => headOf(report.metrics[codes[i]]));
    const rest = (hidden) => [{ head: `${hidden.length} others` },
      ...used.map((i) => ({ number: restCell(report.metrics[codes[i]], hidden.map(({ row }) => row[i])) }))];
    const made = table(title, [capital(spoken(dimension)), ...names], cells, names.map((_, i) => i + 1),
      { restOf: (shown) => rest(found.slice(shown)) });
    return few ? el("div", {}, made, el("p", { class: "muted legend" },
      "Grey italics: fewer than ten cases, or only a few customers, stand behind the figure.")) : made;
  },

  curves: ({ metrics: [code], dimension }) => {
    const metric = report.metrics[code];
    const isPart = state.dimension === dimension;
    const part = isPart ? state : WHOLE;
    const mine = report.curves.filter((curve) => curve.metric === code);
    const years = mine.filter((c) => c.dimension === part.dimension && c.member === part.member && c.cohort !== "all")
      .slice(-SHOWN_COHORTS);
    const cohort = mine.some((c) => c.cohort === state.period) ? state.period : "all";
    const parts = mine.filter((c) => c.dimension === dimension && c.cohort === cohort)
      .sort((a, b) => b.subjects - a.subjects).slice(0, COLORS.length);
    if (!years.length && !parts.length) return empty("Too few have converted to draw a curve.");
    const where = isPart ? memberName(dimension, state.member) : "the whole company";
    return el("div", { class: "charts" },
      years.length ? curvePanel(`By fiscal year it began in, ${where}`, years, (c) => c.cohort, { withBands: true }) : null,
      parts.length ? curvePanel(`By ${spoken(dimension)}, begun in ${cohort === "all" ? "all time" : cohort}`,
        parts, (c) => memberName(dimension, c.member), { withBands: parts.length <= 2 }) : null);
  },

  table: ({ metrics: codes }) => {
    const all = codes.map((code) => show(code)).filter(Boolean);
    const isNothing = ({ figure }) => figure?.note === "no_data";
    const rows = all.filter((shown) => !isNothing(shown));
    const without = all.filter(isNothing).map(({ metric }) => metric.name);
    const cells = rows.map((shown) => {
      const { metric, figure, before, part } = shown;
      if (!figure) return [{ head: metric.name }, { number: "–" }, { number: "–" }, "", "", noFigure(metric)];
      return [
        { head: metric.name },
        { number: figureButton(metric, figure, part) },
        { number: before ? figureButton(metric, before, part) : "–" },
        deltaText(shown) ?? "", sparkline(trendRows(metric.code, part)) ?? "", chips(shown) ?? "",
      ];
    });
    const made = table("Metrics", ["Metric", periodOf[state.period].label, "Before", "Change", "Trend", "Remarks"],
      cells, [1, 2], { shown: Infinity });
    return without.length ? el("div", {}, made, el("p", { class: "muted legend" },
      `No such facts so far: ${without.join(", ")}.`)) : made;
  },

  digest: ({ metrics: codes }) => {
    const shown = codes.map((code) => show(code)).filter((item) => item?.figure?.value != null);
    const toldIf = (isGood) => shown.filter((item) => change(item)?.isGood === isGood);
    const limits = Object.values(report.metrics).filter(({ threshold }) => threshold)
      .map(({ code }) => show(code, WHOLE)).filter(({ isMet: met }) => met === true || met === false);
    const missed = limits.filter(({ isMet: met }) => !met);
    return el("ul", { class: "digest" },
      digestLine("Better", "good", toldIf(true), changeWords),
      digestLine("Worse", "bad", toldIf(false), changeWords),
      limits.length ? el("li", {}, `${limits.length - missed.length} of ${limits.length} thresholds are met.`) : null,
      digestLine("Missed", "bad", missed, ({ metric, figure }) => `wanted ${wanted(metric)}, ${figure.period.label}`));
  },

  listing: ({ title, listing }) => {
    if (!listing?.rows.length) return null;
    const numeric = listing.columns.map((_, i) => i).filter((i) =>
      listing.rows.every((row) => row[i] === null || typeof row[i] === "number" || /^-?\d+(\.\d+)?$/.test(row[i])) &&
      listing.rows.some((row) => row[i] !== null));
    const used = listing.columns.map((_, i) => i).filter((i) => listing.rows.some((row) => row[i] !== null && row[i] !== ""));
    const rows = listing.rows.map((row) => used.map((i, place) => {
      const text = row[i] === null ? "–" : numeric.includes(i) ? number(Number(row[i])) : row[i];
      return numeric.includes(i) ? { number: text } : place === 0 ? { head: text } : text;
    }));
    return table(title, used.map((i) => listing.columns[i]), rows,
      used.map((i, place) => (numeric.includes(i) ? place : -1)).filter((place) => place >= 0));
  },
};

const wanted = ({ threshold, unit }) =>
  `${threshold.op === ">" ? "above" : "below"} ${write(Number(threshold.limit), unit)}`;

const changeWords = (shown) => {
  const { word, text, since } = change(shown);
  return `${word} ${text} on ${since}`;
};

// What is to be told of some figures under one heading, each with a remark of its own.
function digestLine(heading, tone, shown, remark) {
  if (!shown.length) return null;
  return el("li", {}, el("strong", { class: tone }, `${heading}: `), ...shown.flatMap((item, i) => [i ? "; " : "",
    `${item.metric.name}${item.isWhole ? " of the whole company" : ""} `,
    figureButton(item.metric, item.figure, item.part), " ",
    el("span", { class: "whole" }, `(${remark(item)})`)]), ".");
}

const spoken = (code) => code.replaceAll("_", " ");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const empty = (text) => el("p", { class: "empty" }, text);
const wholeChip = () => el("div", { class: "chips" }, el("span", { class: "chip" }, "whole company"));
const noFigure = () => el("div", { class: "chips" }, el("span", { class: "chip" }, `nothing for ${periodOf[state.period].label}`));

function memberCell(shown, most) {
  if (shown?.figure?.value == null) return "–";
  const button = figureButton(shown.metric, shown.figure, shown.part, writeBare(shown.figure.value, shown.metric.unit));
  if (isFew(shown)) {
    button.classList.add("few");
    button.append(el("span", { class: "unseen" }, " (few cases)"));
  }
  if (["ratio", "days"].includes(shown.metric.unit) || !most || shown.figure.value < 0) return button;
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  bar.style.width = `${Math.max(2, (100 * shown.figure.value) / most)}%`;
  return el("div", {}, button, bar);
}

// Rows that a table does not show, taken together: sums add up, and shares are the sums of
// their parts over each other. Medians and stocks cannot be put together.
function restCell({ kind, unit }, hidden) {
  const rows = hidden.map((shown) => shown?.figure).filter((figure) => figure?.value != null);
  const total = (name) => rows.reduce((sum, figure) => sum + (figure[name] ?? 0), 0);
  if (!rows.length || !["sum", "ratio"].includes(kind)) return "–";
  if (kind === "sum") return writeBare(total("value"), unit);
  return total("denominator") ? writeBare(total("numerator") / total("denominator"), unit) : "–";
}

function curvePanel(title, curves, labelOf, options) {
  const place = el("div", { class: "chart" });
  const told = curves.map((c) => `${labelOf(c)}: ${c.events} of ${c.subjects}` +
    (c.median === null ? "" : `, half of the converters within ${number(c.median, 1)} days`));
  pending.push(() => draw(place, curvesSpec(curves, labelOf, options), `${title}. ${told.join("; ")}.`));
  const rows = curves.map((c) => [{ head: labelOf(c) }, { number: number(c.subjects) }, { number: number(c.events) },
    { number: `${number(c.points.at(-1)[1] * 100, 1)} %` },
    { number: c.median === null ? "–" : `${number(c.median, 1)} days` }]);
  return el("div", { class: "panel block" }, el("h3", {}, title), place,
    el("details", {}, el("summary", {}, "Figures"),
      table(title, ["Cohort", "Subjects", "Converted", "Share at the end", "Half of the converters"], rows, [1, 2, 3, 4])));
}

// The figures of a chart, written only when somebody wants them.
function figuresBelow(metrics, rowsByCode, part) {
  const made = el("details", {}, el("summary", {}, "Figures"));
  made.addEventListener("toggle", () => {
    if (!made.open || made.childElementCount > 1) return;
    const periods = [...new Map(metrics.flatMap((m) => rowsByCode[m.code]).map((row) => [row.period.key, row.period])).values()]
      .sort((a, b) => b.start.localeCompare(a.start));
    const rows = periods.map((period) => [{ head: period.label }, ...metrics.map((metric) => {
      const row = rowsByCode[metric.code].find((item) => item.period.key === period.key);
      return { number: row ? figureButton(metric, row, part) : "–" };
    })]);
    made.append(table("Figures of the chart", ["Period", ...metrics.map((m) => m.name)], rows, metrics.map((_, i) => i + 1)));
  });
  return made;
}

// A table; wide ones scroll in their own frame, long ones open on demand, and until then
// end with what the hidden rows are together, if the table knows.
function table(title, headings, rows, numeric, { shown = SHOWN_ROWS, restOf = null } = {}) {
  const body = el("tbody");
  const add = (list) => body.append(...list.map((row) => el("tr", {}, ...row.map(cellOf))));
  add(rows.slice(0, shown));
  const made = el("table", {},
    el("thead", {}, el("tr", {}, ...headings.map((text, i) =>
      el("th", { scope: "col", class: numeric.includes(i) ? "number" : null }, text)))), body);
  const frame = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title || headings[0] }, made);
  const rest = rows.slice(shown);
  if (!rest.length) return frame;
  if (restOf) add([restOf(shown)]);
  const last = restOf ? body.lastElementChild : null;
  last?.classList.add("rest");
  const more = el("button", { type: "button", class: "more" }, `Show all ${rows.length}`);
  more.addEventListener("click", () => { last?.remove(); add(rest); more.remove(); frame.focus(); });
  return el("div", {}, frame, more);
}

function cellOf(cell) {
  if (cell?.head !== undefined) {
    return el("th", { scope: "row", "aria-current": cell.isChosen ? "true" : null }, cell.head,
      cell.isChosen ? el("span", { class: "chip" }, "selected") : null);
  }
  if (cell?.number !== undefined) return el("td", { class: "number" }, cell.number);
  return el("td", {}, cell);
}
