// Builds elements from data. Text only ever becomes text nodes; there is no way from a string to markup here, and Trusted Types
// would stop one.

/** An element with attributes and children; null, undefined and false children are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else if (name === 'href') element.setAttribute('href', safe(value));
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Only ways that cannot run anything. */
function safe(address) {
  return /^(#|\/(?!\/)|https?:\/\/)/.test(address) ? address : '#/';
}

/** Hands a file to the person. */
export function handOver(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function chip(text, kind = '') {
  return h('span', {class: 'chip ' + kind}, text);
}

const OUTCOMES = {allowed: 'good', denied: 'bad', login_required: 'warn'};

export function outcome(word) {
  return chip(word.replace('_', ' '), OUTCOMES[word] ?? '');
}

/** A time as people read it, with the exact one on hover. */
export function time(text) {
  if (!text) return h('span', {class: 'quiet'}, 'never');
  const at = new Date(text);
  const seconds = Math.round((Date.now() - at) / 1000);
  const steps = [[60, 'second', 1], [3600, 'minute', 60], [86400, 'hour', 3600], [Infinity, 'day', 86400]];
  const [, unit, size] = steps.find(([limit]) => Math.abs(seconds) < limit);
  const words = Math.abs(seconds) < 5 ? 'just now'
    : new Intl.RelativeTimeFormat('en').format(-Math.round(seconds / size), unit);
  return h('time', {datetime: text, title: exactly(at)}, words);
}

const exactly = at => at.toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'long'});

/** The same with the exact one beside it, in the zone of whoever looks: nothing hovers on a phone or in a screen reader. */
export function moment(text) {
  return [time(text), text && h('span', {class: 'quiet'}, ` (${exactly(new Date(text))})`)];
}

/** So many bytes, as people read it. */
export function bytes(count) {
  if (count === undefined || count === null) return '';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  while (power < units.length - 1 && count >= 1024 ** (power + 1)) power++;
  return `${(count / 1024 ** power).toLocaleString('en', {maximumFractionDigits: power === 0 ? 0 : 1})}\u00a0${units[power]}`;
}

/** A table; columns are [heading, function of a row]. */
export function table(caption, columns, rows, nothing) {
  if (rows.length === 0) return h('p', {class: 'empty'}, nothing);
  return h('div', {class: 'scroll'}, h('table', {class: 'stack'},
    h('caption', {class: 'hidden'}, caption),
    h('thead', {}, h('tr', {}, columns.map(([heading]) => h('th', {scope: 'col'}, heading)))),
    h('tbody', {}, rows.map(row => h('tr', {}, columns.map(([heading, cell], i) =>
      h('td', {'data-label': i === 0 ? '' : heading}, cell(row))))))));
}

export function list(pairs) {
  return h('dl', {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '' && value.length !== 0)
    .map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

export function heading(title, {back, about, actions} = {}) {
  document.title = title + ' · Sallyport console';
  return h('div', {class: 'head'}, h('div', {},
    back && h('a', {class: 'back', href: back[1]}, '← ' + back[0]), h('h1', {}, title),
    about && h('p', {class: 'quiet'}, about)), actions && h('div', {class: 'row'}, actions));
}

export function card(title, ...children) {
  return h('section', {class: 'card'}, title && h('h2', {}, title), ...children);
}

export function flush(title, ...children) {
  return h('section', {class: 'card flush'}, title && h('h2', {}, title), ...children);
}

let fields = 0;

/** A labelled control. */
export function field(label, control, wide = false) {
  control.id ||= 'f' + ++fields;
  return h('div', {class: 'field' + (wide ? ' wide' : '')}, h('label', {for: control.id}, label), control);
}

/** A labelled checkbox. */
export function check(label, attributes = {}) {
  return h('label', {class: 'check'}, h('input', {type: 'checkbox', ...attributes}), h('span', {}, label));
}

/** A word about a control, which is read out with it. */
export function hint(control, text) {
  const id = 'h' + ++fields;
  control.setAttribute('aria-describedby', id);
  return h('p', {class: 'quiet small', id}, text);
}

export function input(name, attributes = {}) {
  return h('input', {name, autocomplete: 'off', spellcheck: 'false', ...attributes});
}

export function select(name, options, chosen) {
  return h('select', {name}, options.map(([value, label]) =>
    h('option', {value, selected: value === chosen}, label)));
}

/** Something to be taken along. */
export function copyable(text, label) {
  const shown = h('pre', {'aria-label': label, tabindex: '0'}, text);
  return h('div', {class: 'copy'}, shown, h('button', {type: 'button', class: 'soft tiny', onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied.');
    } catch {
      // No clipboard for pages without TLS, nor where the browser was told so: then it is one key away.
      getSelection().selectAllChildren(shown);
      say('It is selected: copy it with Ctrl+C or ⌘C.');
    }
  }}, 'Copy'));
}

export function json(value) {
  return h('pre', {tabindex: '0'}, JSON.stringify(value, null, 2));
}

let quiet;

/** Tells the person, and the screen reader, in passing: for as long as it takes to read. */
export function say(text) {
  hush();
  document.getElementById('said').textContent = text;
  quiet = setTimeout(hush, Math.max(5000, text.length * 90));
}

/** Says what did not work. It stays until it is closed, something else is done or another page opened: five seconds are no time to read. */
export function complain(text) {
  hush();
  const said = document.getElementById('said');
  said.classList.add('failed');
  said.append(h('p', {}, text), h('button', {type: 'button', class: 'danger tiny', onclick: () => {
    hush();
    document.getElementById('main')?.focus({preventScroll: true});
  }}, 'Close'));
}

function hush() {
  clearTimeout(quiet);
  const said = document.getElementById('said');
  said.classList.remove('failed');
  said.replaceChildren();
}

/** Takes a complaint away, and nothing else. */
export function forgive() {
  if (document.getElementById('said').classList.contains('failed')) hush();
}

/** Shows the present view again, after something changed; done when it is on the screen. */
export async function refresh() {
  const changed = new CustomEvent('sallyport:changed', {detail: {}});
  dispatchEvent(changed);
  await changed.detail.shown;
}

const called = control => control.getAttribute('aria-label') ?? control.textContent;

/** The control that took the place of this one when the view was shown again; the view itself where there is none any more. */
function successor(gone) {
  const main = document.getElementById('main');
  return [...main?.querySelectorAll('button') ?? []].find(each => called(each) === called(gone)) ?? main;
}

/** Runs what a button does: not twice at once, and a failure is said. */
export function act(step) {
  return async event => {
    event.preventDefault();
    const button = event.submitter ?? event.currentTarget;
    button.disabled = true;
    forgive();
    try {
      await step(event);
    } catch (failure) {
      complain(failure.message);
    } finally {
      button.disabled = false;
      // A disabled button loses the focus, and so does one that is taken away; who works by keyboard goes on from there.
      if (document.activeElement === document.body) (button.isConnected ? button : successor(button))?.focus({preventScroll: true});
    }
  };
}

export function values(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
}
