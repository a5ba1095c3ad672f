// Looking figures up and writing them out. The rules are those of report/view.py.
const report = JSON.parse(document.getElementById("data").textContent);
const WHOLE = { dimension: "total", member: "all" };
const LENGTH = { month: 1, fiscal_quarter: 2, fiscal_year: 3, all: 4 };
const state = { ...report.selection };
const periodOf = Object.fromEntries(report.periods.map((p) => [p.key, p]));
const NOTES = {
  no_data: "no such facts",
  no_denominator: "nothing to divide by",
  too_few: "too few to tell",
  no_cost: "no cost to divide by",
  few_customers: "few customers",
  bounded_lifetime: "lifetime capped",
};

const memberName = (dimension, id) =>
  (report.dimensions[dimension] ?? []).find((m) => m.id === id)?.name ?? id;

function unpack([place, numerator, denominator, value, isMature, note]) {
  return { period: report.periods[place], numerator, denominator, value, isMature: !!isMature, note };
}

function rowsOf(code, { dimension, member }) {
  return (report.figures[code]?.[dimension]?.[member] ?? []).map(unpack);
}

function lastWithin(rows, selected) {
  const fitting = rows.filter(({ period, value }) =>
    value !== null && period.type !== "all" && LENGTH[period.type] < LENGTH[selected.type] &&
    period.is_over &&
    (!selected.end || (selected.start <= period.start && period.end <= selected.end)));
  const later = (a, b) =>
    a.period.end.localeCompare(b.period.end) || LENGTH[a.period.type] - LENGTH[b.period.type];
  return fitting.sort(later).at(-1);
}

// The figure of the selected period; of a stock kept for shorter periods the last within.
function findFigure(code, part) {
  const rows = rowsOf(code, part);
  const exact = rows.find((row) => row.period.key === state.period);
  if (exact) return exact;
  if (report.metrics[code].kind === "stock") {
    const within = lastWithin(rows, periodOf[state.period]);
    if (within) return within;
  }
  return rows.length && rows.every((row) => row.period.type === "all") ? rows[0] : null;
}

// What the selection shows of a metric: a part's figure, or the company's if there is none.
function show(code, part = null) {
  const metric = report.metrics[code];
  if (!metric) return null;
  const isPart = !part && state.dimension !== "total";
  const isWhole = isPart && !(state.dimension in (report.figures[code] ?? {}));
  const chosen = part ?? (isWhole ? WHOLE : { dimension: state.dimension, member: state.member });
  const figure = findFigure(code, chosen);
  if (!figure) return { metric, part: chosen, figure: null, isWhole };
  const { previous, is_over: isOver } = figure.period;
  const before = previous && isOver
    ? rowsOf(code, chosen).find((row) => row.period.key === previous) : null;
  return { metric, part: chosen, figure, before, isWhole, isMet: isMet(metric, figure.value) };
}

function isMet({ threshold }, value) {
  if (!threshold || value === null) return null;
  return threshold.op === ">" ? value > Number(threshold.limit) : value < Number(threshold.limit);
}

const numberFormats = new Map();
function number(value, digits = 0, least = 0) {
  const key = `${digits}/${least}`;
  if (!numberFormats.has(key)) {
    numberFormats.set(key, new Intl.NumberFormat("en-US", {
      maximumFractionDigits: digits, minimumFractionDigits: least,
    }));
  }
  return numberFormats.get(key).format(value);
}

const isCurrency = (unit) => /^[A-Z]{3}$/.test(unit);

function write(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "ratio") return percent(value * 100);
  if (unit === "percent") return percent(value);
  if (unit === "days") return `${number(value, 1)} ${value === 1 ? "day" : "days"}`;
  if (unit === "months") return `${number(value, 1)} ${value === 1 ? "month" : "months"}`;
  if (isCurrency(unit)) {
    const digits = Math.abs(value) < 1000 && !Number.isInteger(value) ? 2 : 0;
    return `${number(value, digits, digits)} ${unit}`;
  }
  return `${plainNumber(value)} ${unit}`.trim();
}

// Less than one per cent has two decimals, so that it is not taken for nothing.
function percent(value) {
  const digits = value && Math.abs(value) < 1 ? 2 : 1;
  return `${number(value, digits, digits)} %`;
}

// In a column, the unit stands in its head; what is read as a share keeps its sign.
function writeBare(value, unit) {
  if (unit === "times" && Math.abs(value) < 1000) return number(value, 2, 2);
  const text = write(value, unit);
  return unit === "ratio" || unit === "percent" ? text : text.split(" ")[0];
}

const BARE_HEADS = ["days", "months", "times"];
function headOf({ name, unit }) {
  return isCurrency(unit) || BARE_HEADS.includes(unit) ? `${name}, ${unit}` : name;
}

// A share of less than ten, or of a handful of customers, is no rule to go by.
const FEW = 10;
function isFew({ metric, figure }) {
  if (figure.note === "few_customers") return true;
  return metric.unit === "ratio" && metric.kind === "ratio" && Number.isInteger(figure.denominator)
    && figure.denominator > 0 && figure.denominator < FEW;
}

function plainNumber(value) {
  if (value === null || value === undefined) return "–";
  return number(value, Number.isInteger(value) ? 0 : 2);
}

function points(value) {
  const text = number(value, 1);
  return `${text} ${text === "1" ? "point" : "points"}`;
}

// How much a figure changed since the period before, and whether that is good.
function change({ metric, figure, before }) {
  if (!before || before.value === null || figure.value === null) return null;
  const difference = figure.value - before.value;
  const text = sizeOf(difference, before.value, metric.unit);
  const since = before.period.label;
  if (!difference || /^0 /.test(text)) return { text, sign: "=", word: "unchanged", isGood: null, since };
  const isUp = difference > 0;
  const isGood = metric.direction === "none" ? null : isUp === (metric.direction === "up");
  return { text, sign: isUp ? "▲" : "▼", word: isUp ? "up" : "down", isGood, since };
}

// Shares change by points; what was nothing or negative has no percentage to change by.
function sizeOf(difference, before, unit) {
  const size = Math.abs(difference);
  if (unit === "ratio") return points(size * 100);
  if (unit === "percent") return points(size);
  return before > 0 ? `${number((100 * size) / before)} %` : write(size, unit);
}

function remarks({ metric, figure, isWhole, isMet: met }) {
  const said = [];
  if (met !== null && met !== undefined) {
    said.push({ text: `${met ? "above" : "not above"} ${write(Number(metric.threshold.limit), metric.unit)}`
      .replace("above", metric.threshold.op === ">" ? "above" : "below"), kind: met ? "good" : "bad" });
  }
  if (figure.period.key !== state.period) said.push({ text: figure.period.label });
  if (isWhole) said.push({ text: "whole company" });
  if (figure.note) said.push({ text: NOTES[figure.note] ?? figure.note.replaceAll("_", " ") });
  if (figure.period.type !== "all" && !figure.isMature) said.push({ text: "preliminary" });
  return said;
}
