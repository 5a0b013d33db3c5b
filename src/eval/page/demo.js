'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const SVG = 'http://www.w3.org/2000/svg';
const $ = id => document.getElementById(id);
const percent = (x, digits = 1) => (100 * x).toFixed(digits);
const signed = (x, digits = 2) => (x < 0 ? '\u2212' : '+') + Math.abs(100 * x).toFixed(digits);
const ms = seconds => seconds * 1e3;
const labelOf = label => label < 0 ? 'nothing yet' : data.labels[label] ?? 'class ' + label;

function svg(parent, tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}
function html(parent, tag, attributes = {}, text) {
  const element = document.createElement(tag);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}
/// Round steps for an axis from 0 to `limit`, at most `count` and one more; as plot::tick_step().
function steps(limit, count) {
  const raw = limit / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find(m => m * power >= raw);
  return Array.from({length: Math.floor(limit / step + 1e-9) + 1}, (_, i) => i * step);
}
const plain = x => String(+x.toPrecision(6));

// Methods have the same colour and dashes everywhere, those of plot/palette.h; the dashes distinguish them without colours.
const styles = {
  'einet': ['blue', ''], 'static-optimal': ['ink', ''], 'static-100': ['red', '7 3'], 'static-50': ['orange', '9 3 2 3'],
  'static-25': ['orange', '3 3'], 'threshold': ['pink', '12 4'], 'paper': ['green', '5 2 1 2'], 'replan': ['green', '1 4'],
  'combined': ['sky', '8 2 2 2'], 'most-confident': ['sky', '2 3'], 'classic': ['grey', ''],
};
const methods = data.report.methods.map((method, index) => {
  const [color, dash] = styles[method.name] ?? styles.classic;
  return {...method, index, color: `var(--${color})`, dash, width: index === 0 ? 3.2 : 1.8};
});
const named = name => methods.find(m => m.name === name);
// The method that a session uses: static-optimal if no predictor is fitted.
const main = named('einet') ?? named('static-optimal');
const live = m => m.live_accuracy !== undefined;
const best = m => live(m) ? m.live_accuracy : m.overall_accuracy;

function intro() {
  const r = data.report;
  $('lead').textContent =
      `${data.images.toLocaleString('en')} test images, ${methods.length} methods, each run stopped at ` +
      `a random time (${r.distribution.replace(/^uniform.*/, 'uniform')}) within the ${ms(r.horizon_seconds).toFixed(2)} ms that it takes to run everything. ` +
      `A run scores if its answer at that time is right.`;
  const classic = named('classic'), all = named('static-100');
  const tile = (value, unit, text, first) => {
    const t = html($('tiles'), 'div', {class: first ? 'tile first' : 'tile'});
    const b = html(t, 'b', {}, value + ' ');
    html(b, 'small', {}, unit);
    html(t, 'span', {}, text);
  };
  tile(percent(best(main)), '%', `right answers at the cut-off with ${main.name}`, true);
  tile(signed(best(main) - best(classic), 1), 'points', 'more than an ordinary network with one exit');
  tile(signed(best(main) - best(all), 1), 'points', 'more than executing every exit');
  tile(data.cutoffs.toLocaleString('en'), '', 'live runs that were cut off');
}

function frame(parent, width, height, margin, label) {
  const root = svg(parent, 'svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label});
  return {root, left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom};
}

// Methods shown in the plot; kept when it is redrawn.
const shown = new Set(['einet', 'static-optimal', 'static-100', 'static-25', 'threshold', 'classic'].filter(named));

// Plots are drawn at their width on the screen, so that the text size does not depend on it.
const widthOf = id => Math.max(300, $(id).clientWidth || 1024);

/// The plot with `low` as the lowest value.
function curves(low) {
  const horizon = data.report.horizon_seconds, cuts = data.cuts;
  $('curve').replaceChildren();
  const width = widthOf('curve');
  const f = frame($('curve'), width, width < 620 ? 320 : 430, {left: 44, right: 16, top: 10, bottom: 46}, 'Accuracy against the time of the cut-off, one line per method');
  const x = t => f.left + (f.right - f.left) * t / horizon, y = a => f.bottom - (f.bottom - f.top) * (a - low) / (1 - low);
  svg(svg(f.root, 'clipPath', {id: 'inside'}), 'rect', {x: f.left, y: f.top - 6, width: f.right - f.left + 8, height: f.bottom - f.top + 12});
  for (const a of steps(1 - low, 5).map(a => low + a)) {
    svg(f.root, 'line', {class: a > low ? 'grid' : 'axis', x1: f.left, x2: f.right, y1: y(a), y2: y(a)});
    svg(f.root, 'text', {x: f.left - 9, y: y(a) + 4, 'text-anchor': 'end'}, percent(a, 0));
  }
  for (const t of steps(ms(horizon), width / 120)) {
    svg(f.root, 'line', {class: 'axis', x1: x(t / 1e3), x2: x(t / 1e3), y1: f.bottom, y2: f.bottom + 5});
    svg(f.root, 'text', {x: x(t / 1e3), y: f.bottom + 20, 'text-anchor': 'middle'}, plain(t));
  }
  svg(f.root, 'text', {x: (f.left + f.right) / 2, y: f.bottom + 40, 'text-anchor': 'middle'}, 'time of the cut-off, ms');
  svg(f.root, 'text', {transform: `translate(${f.left - 34} ${(f.top + f.bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle'}, 'right answers, %');

  const groups = new Map(), inside = svg(f.root, 'g', {'clip-path': 'url(#inside)'});
  for (const m of [...methods].reverse()) {
    const g = svg(inside, 'g'), first = m === main;
    const path = m.curve.map((a, i) => `${i ? 'L' : 'M'}${x(cuts[i]).toFixed(1)} ${y(a).toFixed(1)}`).join('');
    svg(g, 'path', {d: path, fill: 'none', style: `stroke:${m.color}`, 'stroke-width': m.width, 'stroke-dasharray': m.dash, 'stroke-linejoin': 'round'});
    for (const p of data.points[m.index] ?? []) {
      const px = x(p.cut * horizon);
      if (first) svg(g, 'line', {x1: px, x2: px, y1: y(p.low), y2: y(p.high), style: `stroke:${m.color}`, 'stroke-width': 1.2, opacity: .55});
      svg(g, 'circle', {cx: px, cy: y(p.accuracy), r: first ? 4.2 : 2.8, style: `fill:${m.color};stroke:var(--card)`, 'stroke-width': 1.4});
    }
    groups.set(m.name, g);
  }
  const apply = () => groups.forEach((g, name) => g.style.display = shown.has(name) ? '' : 'none');
  $('legend').replaceChildren();
  for (const m of methods) {
    const button = html($('legend'), 'button', {type: 'button', 'aria-pressed': shown.has(m.name), title: m.summary});
    const icon = svg(button, 'svg', {viewBox: '0 0 26 10', 'aria-hidden': 'true'});
    svg(icon, 'line', {x1: 0, x2: 26, y1: 5, y2: 5, style: `stroke:${m.color}`, 'stroke-width': m.width, 'stroke-dasharray': m.dash});
    svg(icon, 'circle', {cx: 13, cy: 5, r: 3.6, style: `fill:${m.color}`});
    button.append(m.name);
    button.onclick = () => {
      shown.has(m.name) ? shown.delete(m.name) : shown.add(m.name);
      button.setAttribute('aria-pressed', shown.has(m.name));
      apply();
    };
  }
  apply();

  const rule = svg(f.root, 'line', {class: 'axis', y1: f.top, y2: f.bottom, visibility: 'hidden', style: 'stroke:var(--faint)'});
  const tip = $('tip');
  f.root.addEventListener('pointermove', event => {
    const box = f.root.getBoundingClientRect();
    const t = ((event.clientX - box.left) / box.width * width - f.left) / (f.right - f.left) * horizon;
    if (t < 0 || t > horizon) return f.root.dispatchEvent(new Event('pointerleave'));
    const i = Math.min(cuts.length - 1, Math.round(t / horizon * (cuts.length - 1)));
    rule.setAttribute('x1', x(cuts[i]));
    rule.setAttribute('x2', x(cuts[i]));
    rule.setAttribute('visibility', 'visible');
    tip.replaceChildren();
    html(tip, 'b', {}, `cut off at ${ms(cuts[i]).toFixed(3)} ms`);
    const table = html(tip, 'table');
    for (const m of methods.filter(m => shown.has(m.name)).sort((a, b) => b.curve[i] - a.curve[i])) {
      const row = html(table, 'tr');
      const cell = html(row, 'td');
      html(cell, 'i', {style: `background:${m.color}`});
      cell.append(m.name);
      html(row, 'td', {}, percent(m.curve[i]) + ' %');
    }
    tip.hidden = false;
    const left = event.clientX + 18 + tip.offsetWidth > innerWidth ? event.clientX - 18 - tip.offsetWidth : event.clientX + 18;
    tip.style.left = left + 'px';
    tip.style.top = Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 8) + 'px';
  });
  f.root.addEventListener('pointerleave', () => { tip.hidden = true; rule.setAttribute('visibility', 'hidden'); });
}

/// Switches between the whole plot and the part above the first answers.
let foot_of_plot = 0;
function zoom() {
  const answered = main.curve.filter(a => a > 0);
  const median = answered.sort((a, b) => a - b)[answered.length >> 1] ?? 0;
  const close = Math.max(0, Math.floor(10 * (median - (1 - median))) / 10);
  if (close < .3) return $('zoom').remove();
  $('zoom').onclick = () => {
    foot_of_plot = foot_of_plot > 0 ? 0 : close;
    $('zoom').setAttribute('aria-pressed', foot_of_plot > 0);
    curves(foot_of_plot);
  };
}

function picture() {
  const image = data.image, [channels, height, width] = image.shape.length === 3 ? image.shape : [1, 1, image.pixels.length];
  const canvas = $('image');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d'), raster = context.createImageData(width, height), plane = width * height;
  for (let i = 0; i < plane; ++i) {
    for (let c = 0; c < 3; ++c) raster.data[4 * i + c] = image.pixels[channels >= 3 ? c * plane + i : i];
    raster.data[4 * i + 3] = 255;
  }
  context.putImageData(raster, 0, 0);
  canvas.setAttribute('aria-label', 'Test image ' + image.sample + ': ' + labelOf(image.label));
  html($('caption'), 'b', {}, labelOf(image.label));
  $('caption').append('test image ' + image.sample);
}

function timeline() {
  const lines = data.timelines, horizon = data.image.horizon;
  const cutText = ms(data.image.cut).toFixed(3);
  $('timeline-hint').textContent = `Each row is one live run, cut off at ${cutText} ms (dashed line). The last answer before it is scored.`;
  $('timeline').replaceChildren();
  // On a narrow screen, name and answer are above the bar instead of next to it.
  const width = widthOf('timeline'), narrow = width < 620;
  const row = narrow ? 72 : 50;
  const margin = narrow ? {left: 2, right: 8, top: 28, bottom: 36} : {left: 118, right: 138, top: 24, bottom: 36};
  const height = margin.top + margin.bottom + row * lines.length;
  const f = frame($('timeline'), width, height, margin, 'What each method executed until the cut-off');
  const x = t => f.left + (f.right - f.left) * t / horizon;
  for (const t of steps(ms(horizon), (f.right - f.left) / 100)) {
    svg(f.root, 'line', {class: 'grid', x1: x(t / 1e3), x2: x(t / 1e3), y1: f.top - 4, y2: f.bottom});
    svg(f.root, 'text', {x: x(t / 1e3), y: f.bottom + 18, 'text-anchor': 'middle'}, plain(t));
  }
  svg(f.root, 'text', {x: (f.left + f.right) / 2, y: f.bottom + 35, 'text-anchor': 'middle'}, 'time since the start of the run, ms');
  lines.forEach((line, index) => {
    const top = f.top + row * index, bar = top + (narrow ? 37 : 19), thick = 17;
    svg(f.root, 'text', {x: 0, y: narrow ? top + 14 : bar + 13, class: line.method === main.name ? 'strong' : ''}, line.method);
    for (const [kind, exit, begin, end] of line.trace) {
      const block = svg(f.root, 'rect', {class: ['conv', 'branch', 'planning'][kind], x: x(begin), y: bar, height: thick,
                                         width: Math.max(.8, x(Math.min(end, horizon)) - x(begin) - .7)});
      svg(block, 'title', {}, `${['conv part', 'branch', 're-planning after exit'][kind]} ${exit + 1}: ${(1e6 * (end - begin)).toFixed(0)} us`);
    }
    for (const [label, exit, confidence, elapsed, visible] of line.answers) {
      if (elapsed > line.cut) continue;
      const right = label === data.image.label;
      const mark = svg(f.root, 'text', {x: x(elapsed), y: bar - 4, 'text-anchor': 'middle', 'font-weight': 700,
                                        class: right ? 'right' : 'wrong', opacity: visible ? 1 : .35}, right ? '\u2713' : '\u2715');
      svg(mark, 'title', {}, `exit ${exit + 1} at ${ms(elapsed).toFixed(3)} ms: ${labelOf(label)}, confidence ${percent(confidence)} %`);
    }
    const found = line.shown, right = found.label === data.image.label;
    const answer = found.exit < 0 ? 'no answer' : labelOf(found.label);
    const verdict = found.exit < 0 ? '\u2715' : `${right ? '\u2713' : '\u2715'} exit ${found.exit + 1}, ${percent(found.confidence, 0)} %`;
    const verdict_class = found.exit < 0 || !right ? 'wrong' : 'right';
    if (narrow) {
      svg(f.root, 'text', {x: f.right, y: top + 14, 'text-anchor': 'end', class: verdict_class}, `${answer} ${verdict}`);
    } else {
      svg(f.root, 'text', {x: f.right + 12, y: bar + 8, class: found.exit < 0 ? '' : 'strong'}, answer);
      svg(f.root, 'text', {x: f.right + 12, y: bar + 24, class: verdict_class}, verdict);
    }
  });
  svg(f.root, 'line', {x1: x(data.image.cut), x2: x(data.image.cut), y1: f.top - 8, y2: f.bottom, style: 'stroke:var(--ink)', 'stroke-width': 1.6, 'stroke-dasharray': '5 4'});
  svg(f.root, 'text', {x: x(data.image.cut), y: f.top - 12, 'text-anchor': 'middle', class: 'strong'}, 'cut off');
}

function table() {
  const withLive = methods.some(live);
  const columns = ['Method', ...(withLive ? ['Live', 'Simulated, same images', 'Difference'] : []), 'Simulated, all', 'Over static-optimal', 'Re-planning'];
  const body = header($('table'), columns);
  const cell = (row, value, error) => {
    const td = html(row, 'td', {}, value);
    if (error != null) html(td, 'em', {}, ' \u00b1' + percent(error, 2));
  };
  for (const m of [...methods].sort((a, b) => best(b) - best(a))) {
    const row = html(body, 'tr', m === main ? {class: 'first'} : {});
    const first = html(row, 'td');
    html(first, 'i', {style: `background:${m.color}`});
    first.append(m.name);
    html(first, 'small', {}, m.summary);
    if (withLive) {
      cell(row, percent(m.live_accuracy, 2), m.live_stderr);
      cell(row, percent(m.simulated_accuracy, 2));
      cell(row, signed(m.difference));
    }
    cell(row, percent(m.overall_accuracy, 2), m.stderr);
    m.name === 'static-optimal' ? cell(row, '') : cell(row, signed(m.over_static_optimal), m.over_static_optimal_stderr);
    cell(row, m.planning_seconds > 0 ? (1e6 * m.planning_seconds).toFixed(1) + ' \u00b5s' : '\u2013');
  }
  const row = html(body, 'tr', {class: 'oracle'});
  const first = html(row, 'td', {}, 'oracle');
  html(first, 'small', {}, 'upper bound: the right exits are known in advance');
  for (let i = 0; i < (withLive ? 3 : 0); ++i) cell(row, '');
  cell(row, percent(data.report.oracle, 2), data.report.oracle_stderr);
  cell(row, '');
  cell(row, '');
}

function header(table, columns) {
  const row = html(html(table, 'thead'), 'tr');
  for (const column of columns) html(row, 'th', {scope: 'col'}, column);
  return html(table, 'tbody');
}

/// Properties of each method's runs, and of each exit.
function metrics() {
  const drops = methods[0].true_class_drops ?? [];
  if (drops.length) $('drops').textContent = 'Drop: share of samples whose true class loses more than that probability between two answers.';
  const runs = header($('metrics'), ['Method', 'At 25 %', 'At 50 %', 'At 75 %', 'First answer', 'No answer', 'Lost', ...drops.map((d, k) => (k ? '> ' : 'Drop > ') + d.above)]);
  for (const m of methods) {
    const row = html(runs, 'tr', m === main ? {class: 'first'} : {});
    const values = [...m.accuracy_at_quarters.map(a => percent(a, 2)), ms(m.first_answer_seconds).toFixed(3) + ' ms', percent(m.unanswered, 2), percent(m.right_answers_lost, 2),
                    ...drops.map((_, d) => percent(m.true_class_drops[d].share, 2))];
    const first = html(row, 'td');
    html(first, 'i', {style: `background:${m.color}`});
    first.append(m.name);
    for (const value of values) html(row, 'td', {}, value);
  }
  const exits = header($('exits'), ['Exit', 'Accuracy', 'Calibration error', 'Risk-coverage area', 'MACs', 'Time']);
  for (const e of data.report.exits) {
    const row = html(exits, 'tr');
    for (const value of [e.exit, percent(e.accuracy, 2), percent(e.calibration_error, 2), e.risk_coverage_area.toFixed(4), (1e-6 * e.macs).toFixed(2) + ' M', ms(e.seconds).toFixed(3) + ' ms']) html(row, 'td', {}, String(value));
  }
}

/// The data of this page and how to reproduce it.
function foot() {
  const r = data.report, spread = data.horizons;
  const range = spread.length > 1 ? ` Block times were measured again in each of ${spread.length} rounds; running everything took between ` +
      `${ms(Math.min(...spread)).toFixed(2)} and ${ms(Math.max(...spread)).toFixed(2)} ms.` : '';
  const run = data.run, disturbed = methods.reduce((sum, m) => sum + (m.disturbed ?? 0), 0);
  html($('footer'), 'p', {}, `${run.date}, EINet ${run.version}, seed ${run.seed}: ${run.command}`);
  html($('footer'), 'p').textContent = `${r.bundle} on ${r.platform}. Cut-off: ${r.distribution}. ` +
      (r.protocol === 'held-out' ? `Of ${r.samples.toLocaleString('en')} held-out samples, one half is used to fit plans, predictor and calibration, the other is scored; then vice versa.`
                                 : `Fitted and scored on the same ${r.samples.toLocaleString('en')} samples, as in the paper.`) + range +
      ` ${disturbed.toLocaleString('en')} runs disturbed by other processes were repeated.`;
}

intro();
curves(foot_of_plot);
zoom();
if (data.timelines.length) {
  picture();
  timeline();
} else {
  $('story').remove();
}
$('note').textContent = data.report.note;
table();
metrics();
foot();

let drawn = innerWidth;
addEventListener('resize', () => {
  if (innerWidth === drawn) return;
  drawn = innerWidth;
  curves(foot_of_plot);
  if (data.timelines.length) timeline();
});
