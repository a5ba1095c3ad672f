// Charts as Vega-Lite specifications. Their colours are variables of page.css, so that
// light, dark and print need no second drawing.
const COLORS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)"];
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const CONFIG = {
  background: null,
  font: FONT,
  view: { stroke: null },
  axis: {
    labelColor: "var(--muted)", titleColor: "var(--muted)", labelFontSize: 12, titleFontSize: 12,
    titleFontWeight: "normal", gridColor: "var(--grid)", domainColor: "var(--line)",
    tickColor: "var(--line)", labelPadding: 6, labelOverlap: "greedy", labelSeparation: 12,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false, tickCount: 5, titleAlign: "left", titleAnchor: "start",
    titleAngle: 0, titleX: 0, titleY: -12 },
  legend: { labelColor: "var(--ink)", labelFontSize: 12, title: null, orient: "bottom", columns: 3,
    symbolType: "square", symbolOpacity: 1 },
};
let drawn = [];

function draw(element, specification, description) {
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", description);
  return vegaEmbed(element, { width: "container", height: 200, ...specification }, {
    actions: false, renderer: "svg", config: CONFIG, ast: false, defaultStyle: false,
  }).then((view) => {
    // The element around it says what the chart shows; its marks say nothing more.
    element.querySelector("svg").setAttribute("aria-hidden", "true");
    drawn.push(view);
  });
}

function forgetCharts() {
  drawn.forEach((view) => view.finalize());
  drawn = [];
}

function valueAxis(unit) {
  const format = unit === "ratio" ? ".1~%" : "~s";
  return { title: unit === "ratio" ? null : unit === "percent" ? "%" : unit, format };
}

const monthAxis = { title: null, format: "%b %Y", tickCount: 8 };
const monthScale = { type: "utc" };

function selectedBand() {
  const period = periodOf[state.period];
  if (!period.end || period.type === "month") return [];
  return [{
    data: { values: [spanOf(period)] },
    mark: { type: "rect", color: "var(--accent-soft)", opacity: 0.55 },
    encoding: barSpan,
  }];
}

// The whole of a period as the width of its bar, with a pixel of air at each side.
const barMark = { type: "bar", xOffset: 1.5, x2Offset: -1.5 };
const barSpan = {
  x: { field: "from", type: "temporal", scale: monthScale, axis: monthAxis },
  x2: { field: "to" },
};
const spanOf = ({ start, end }) => ({ from: start, to: dayAfter(end) });

function dayAfter(day) {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

// A stock is what there was at the end of a period; the rest stands in its middle.
function momentOf({ start, end }, { kind }) {
  const [first, last] = [Date.parse(start), Date.parse(dayAfter(end))];
  return new Date(kind === "stock" ? last : (first + last) / 2).toISOString();
}

// One metric over time: bars for what adds up, a line for the rest.
function trendSpec(metric, rows) {
  const values = rows.map((row) => ({
    ...spanOf(row.period), at: momentOf(row.period, metric), value: row.value, period: row.period.label,
    text: write(row.value, metric.unit), isOver: row.period.is_over,
  }));
  const isBar = metric.kind === "sum";
  const mark = isBar
    ? { ...barMark, color: "var(--c1)" }
    : { type: "line", color: "var(--c1)", strokeWidth: 2,
      point: { filled: true, size: 34, color: "var(--c1)" } };
  const encoding = {
    ...(isBar ? barSpan : { x: { ...barSpan.x, field: "at" } }),
    y: { field: "value", type: "quantitative", stack: false, axis: valueAxis(metric.unit) },
    ...(isBar ? { y2: { datum: 0 }, opacity: { condition: { test: "datum.isOver", value: 1 }, value: 0.45 } } : {}),
    tooltip: [{ field: "period", title: "Period" }, { field: "text", title: metric.name }],
  };
  return { layer: [...selectedBand(), { data: { values }, mark, encoding }] };
}

// Movements of a stock: what raised it above the line, what lowered it below. They are
// stacked here: Vega-Lite takes bars as wide as a period for lying ones and stacks none.
function stackSpec(metrics, rowsByCode) {
  const tops = new Map();
  const values = metrics.flatMap((metric) => rowsByCode[metric.code].map((row) => {
    const pile = `${row.period.key} ${Math.sign(row.value)}`;
    const base = tops.get(pile) ?? 0;
    tops.set(pile, base + row.value);
    return { ...spanOf(row.period), period: row.period.label, kind: metric.name,
      base, top: base + row.value, text: write(row.value, metric.unit) };
  }));
  const shown = metrics.filter((metric) => rowsByCode[metric.code].length);
  return {
    height: 240,
    layer: [...selectedBand(), {
      data: { values },
      mark: barMark,
      encoding: {
        ...barSpan,
        y: { field: "base", type: "quantitative", stack: false, axis: valueAxis(metrics[0].unit) },
        y2: { field: "top" },
        color: { field: "kind", type: "nominal", scale: { domain: shown.map((m) => m.name),
          range: shown.map((m) => COLORS[metrics.indexOf(m)]) } },
        tooltip: [{ field: "period", title: "Month" }, { field: "kind", title: "Kind" },
          { field: "text", title: "Change" }],
      },
    }],
  };
}

// Survival curves with bands, and a ring where half of the plateau is reached.
function curvesSpec(curves, labelOf, { withBands }) {
  const names = curves.map(labelOf);
  const values = curves.flatMap((curve, i) => [[0, 0, 0, 0], ...curve.points].map(
    ([days, share, low, high]) => ({ name: names[i], days, share, low, high,
      text: `${number(share * 100, 1)} %`, band: `${number(low * 100, 1)} to ${number(high * 100, 1)} %` })));
  const rings = curves.filter((c) => c.median !== null).map((curve) => ({
    name: labelOf(curve), days: curve.median, text: `${number(curve.median, 1)} days`,
    share: curve.points.find(([days]) => days >= curve.median)[1],
  }));
  const x = { field: "days", type: "quantitative", axis: { title: "days since the start", titleAnchor: "end", tickCount: 6 },
    scale: { nice: true } };
  const axisY = { title: null, format: ".1~%" };
  const color = { field: "name", type: "nominal", scale: { domain: names, range: COLORS },
    legend: { symbolType: "stroke", symbolStrokeWidth: 3 } };
  const tooltip = [{ field: "name", title: "Cohort" }, { field: "days", title: "Days" },
    { field: "text", title: "Converted" }, { field: "band", title: "95 % band" }];
  const band = { mark: { type: "area", opacity: 0.16, interpolate: "step-after" },
    encoding: { x, color, y: { field: "low", type: "quantitative", axis: axisY }, y2: { field: "high" } } };
  const line = { mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
    encoding: { x, color, tooltip, y: { field: "share", type: "quantitative", axis: axisY } } };
  const ring = { data: { values: rings },
    mark: { type: "point", size: 70, strokeWidth: 2, fill: "var(--surface)" },
    encoding: { x, color, y: { field: "share", type: "quantitative" },
      tooltip: [{ field: "name", title: "Cohort" }, { field: "text", title: "Half of the converters" }] } };
  return { height: 260, data: { values }, layer: [...(withBands ? [band] : []), line, ring] };
}

// A line the size of a word; what it shows stands beside it in figures.
function sparkline(rows) {
  const points = rows.filter((row) => row.value !== null).slice(-24);
  if (points.length < 3) return null;
  const values = points.map((row) => row.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i) => (100 * i) / (values.length - 1);
  const y = (value) => (high === low ? 12 : 22 - (20 * (value - low)) / (high - low));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 24");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "spark");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join(""));
  svg.append(path);
  return svg;
}
