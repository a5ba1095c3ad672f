// The page: its head, its filters, its sections, and the dialog that explains a figure.
const find = (id) => document.getElementById(id);
let pending = []; // charts that are drawn once their places are in the page
let turns = 0;

function option(value, label) {
  return el("option", { value }, label);
}

function fillHead() {
  find("name").textContent = `Report of ${report.project}`;
  const data = report.asOf ? `Data as of ${report.asOf}` : "No data";
  find("about").textContent = `${data} · environment ${report.environment} · made ${report.madeAt}`;
}

function fillFilters() {
  const groups = [["all", ""], ["fiscal_year", "Fiscal years"], ["fiscal_quarter", "Fiscal quarters"], ["month", "Months"]];
  for (const [type, label] of groups) {
    const options = report.periods.filter((p) => p.type === type).reverse()
      .map((p) => option(p.key, p.is_over || type === "all" ? p.label : `${p.label} (until now)`));
    if (options.length) find("period").append(...(label ? [el("optgroup", { label }, ...options)] : options));
  }
  for (const dimension of ["segment", "channel"]) {
    const members = report.dimensions[dimension] ?? [];
    find(dimension).append(option("", "All"), ...members.map((m) => option(m.id, m.name)));
    find(dimension).disabled = !members.length;
  }
  find("filters").addEventListener("change", ({ target }) => {
    if (target.id === "period") state.period = target.value;
    else choosePart(target.id, target.value);
    writeAddress();
    renderSoon();
  });
  find("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    Object.assign(state, report.selection);
    writeAddress();
    renderSoon();
  });
}

// Figures are kept by segment or by channel: choosing one lets go of the other.
function choosePart(dimension, member) {
  Object.assign(state, member ? { dimension, member } : WHOLE);
}

// What is chosen stands in the address, `#period=FY2018-Q4&channel=webinar`, so that it can
// be sent and kept. What the address asks for and the report has not is left out and told.
let place = "";
let unknown = [];

function writeAddress() {
  const asked = new URLSearchParams();
  if (state.period !== report.selection.period) asked.set("period", state.period);
  const { dimension, member } = report.selection;
  if (state.dimension !== dimension || state.member !== member) {
    if (state.dimension === "total") asked.set(dimension, "");
    else asked.set(state.dimension, state.member);
  }
  if (place && asked.size) asked.set("section", place);
  unknown = [];
  history.replaceState(null, "", `#${asked.size ? asked : place}`);
}

function readAddress() {
  const words = decodeURIComponent(location.hash.slice(1));
  const asked = new URLSearchParams(words.includes("=") ? location.hash.slice(1) : "");
  place = asked.get("section") ?? (words.includes("=") ? "" : words);
  Object.assign(state, report.selection);
  unknown = [];
  const period = asked.get("period");
  if (period !== null && periodOf[period]) state.period = period;
  else if (period !== null) unknown.push(`period ${period}`);
  for (const dimension of ["segment", "channel"]) {
    const member = asked.get(dimension);
    const isKnown = (report.dimensions[dimension] ?? []).some(({ id }) => id === member);
    if (member === "" || isKnown) choosePart(dimension, member);
    else if (member !== null) unknown.push(`${dimension} ${member}`);
  }
}

function goToPlace() {
  find(place)?.scrollIntoView();
}

function showChoice() {
  find("period").value = state.period;
  for (const dimension of ["segment", "channel"]) {
    find(dimension).value = state.dimension === dimension ? state.member : "";
  }
  const period = periodOf[state.period];
  const range = period.end ? ` (${period.start} to ${period.end})` : "";
  const part = state.dimension === "total" ? "the whole company"
    : `${state.dimension} ${memberName(state.dimension, state.member)}; what is not kept by ${state.dimension} shows the whole company`;
  const left = unknown.length ? ` The address asks for ${unknown.join(" and ")}, which this report has not.` : "";
  find("status").textContent = `${period.label}${range}, ${part}.${left}`;
}

// Words between backticks are commands.
function withCode(text) {
  return text.split("`").map((piece, i) => (i % 2 ? el("code", {}, piece) : piece));
}

function noticeElement({ severity, text, next_step: nextStep }) {
  const names = { problem: "Problem", warning: "Warning", note: "Note" };
  return el("p", { class: `notice ${severity}` }, el("strong", {}, `${names[severity]}: `), text,
    " ", ...withCode(nextStep));
}

function gapsElement(gaps) {
  if (!gaps.length) return null;
  return el("div", { class: "gaps" }, el("h3", {}, "What is missing here"),
    el("ul", {}, ...gaps.map(({ what, how }) =>
      el("li", {}, what, el("span", { class: "muted" }, ...withCode(how))))));
}

function blockElement(block) {
  const made = makers[block.kind](block);
  const text = block.text && block.kind !== "cards" ? el("p", { class: "intro" }, ...withCode(block.text)) : null;
  return el("div", { class: "block" }, block.title ? el("h3", {}, block.title) : null, text, made);
}

// Neighbouring trends stand side by side where there is room.
function blockElements(blocks) {
  const made = [];
  for (const block of blocks) {
    const last = made.at(-1);
    if (block.kind === "trend" && last?.dataset.kind === "trend") {
      const row = last.classList.contains("charts") ? last : el("div", { class: "charts block", "data-kind": "trend" });
      if (row !== last) { made.pop(); row.append(last); made.push(row); }
      row.append(blockElement(block));
    } else {
      const element = blockElement(block);
      if (block.kind === "trend") element.dataset.kind = "trend";
      made.push(element);
    }
  }
  return made;
}

function sectionElement(section) {
  return el("section", { class: "section", id: section.id, "aria-labelledby": `${section.id}-title` },
    el("h2", { id: `${section.id}-title`, tabindex: "-1" }, section.title),
    section.intro ? el("p", { class: "intro" }, section.intro) : null,
    ...blockElements(section.blocks), gapsElement(section.gaps));
}

const filled = report.sections.filter((s) => s.blocks.length || s.gaps.length);

function render() {
  forgetCharts();
  pending = [];
  showChoice();
  find("content").replaceChildren(...report.notices.map(noticeElement), ...filled.map(sectionElement));
  document.body.dataset.state = "drawing";
  const turn = ++turns;
  Promise.all(pending.map((drawChart) => drawChart())).finally(() => {
    if (turn === turns) document.body.dataset.state = "ready";
  });
}

// Whoever goes through a list by keyboard passes values on the way: draw where they stop.
let soon = 0;
function renderSoon() {
  document.body.dataset.state = "drawing";
  turns += 1; // what is still being drawn is no longer what is wanted
  clearTimeout(soon);
  soon = setTimeout(render, 150);
}

function fillSections() {
  find("sections").append(...filled.map(({ id, title }) => el("li", {}, el("a", { href: `#${id}` }, title))));
  const links = [...find("sections").querySelectorAll("a")];
  find("sections").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    place = link.hash.slice(1);
    writeAddress();
    goToPlace();
    find(`${place}-title`).focus({ preventScroll: true });
  });
  const mark = () => {
    const passed = filled.filter(({ id }) => find(id).getBoundingClientRect().top < 200);
    const current = (passed.at(-1) ?? filled[0])?.id;
    links.forEach((link) => {
      if (link.hash === `#${current}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

function definitionList(pairs) {
  return el("dl", {}, ...pairs.filter(([, value]) => value).flatMap(([name, value]) =>
    [el("dt", {}, name), el("dd", {}, value)]));
}

const exact = (value) => (value === null ? "–" : number(value, 6));

function explain({ code, period, dimension, member }) {
  const metric = report.metrics[code];
  const part = { dimension, member };
  const figure = rowsOf(code, part).find((row) => row.period.key === period);
  const { label, start, end } = figure.period;
  const isMedian = metric.kind === "median";
  const limit = metric.threshold;
  find("definition-title").textContent = metric.name;
  find("definition-body").replaceChildren(
    el("p", { class: "value" }, write(figure.value, metric.unit)),
    el("p", {}, metric.formula),
    definitionList([
      ["Period", end ? `${label}, ${start} to ${end}` : label],
      ["Of", dimension === "total" ? "the whole company" : `${spoken(dimension)} ${memberName(dimension, member)}`],
      ["As of", report.asOf],
      [isMedian ? "Events" : "Numerator", exact(figure.numerator)],
      [isMedian ? "Subjects" : "Denominator", exact(figure.denominator)],
      ["Value", `${exact(figure.value)}${metric.unit === "ratio" ? "" : ` ${metric.unit}`}`],
      ["Wanted", limit && wanted(metric)],
      ["Note", figure.note && (NOTES[figure.note] ?? spoken(figure.note))],
      ["State", figure.period.type === "all" ? "" : figure.isMature ? "settled" : "preliminary: may still change"],
      ["Origin", metric.origin],
      ["Sources", metric.sources.join(", ")],
      ["In the warehouse", el("code", {}, `bizops metrics show ${code}`)],
    ]));
  find("definition").showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.figure");
  if (button) explain(button.dataset);
  if (event.target === find("definition")) find("definition").close();
});

fillHead();
fillFilters();
readAddress();
render();
fillSections();
goToPlace();
addEventListener("hashchange", () => { readAddress(); render(); goToPlace(); });
