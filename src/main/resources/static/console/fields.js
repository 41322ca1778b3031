// Forms from descriptions: what is to be entered, how it is entered, and where in the object it goes.
import {check, field, h, hint, input, select} from './dom.js';

/**
 * A field. {@code member} is where it is in the object, with dots for settings within settings; {@code kind} is text, url, email,
 * number, colour, flag, secret, list, lines, code, certificates, pairs, choice or picks; further: must, about, more, options, placeholder, file.
 */
export const text = (member, label, more = {}) => ({member, label, kind: 'text', ...more});

/** The fields with their controls. {@code stored} when the object is there already: then a secret may stay. */
export function controlled(fields, value, stored) {
  return fields.map(each => ({...each, control: control(each, at(value, each.member), stored)}));
}

/** A field as it stands in a form. */
export function laidOut(each, stored) {
  if (each.kind === 'flag') return [h('p', {}, each.control), each.about && hint(each.control.querySelector('input'), each.about)];
  if (each.kind === 'picks') return each.control;
  const words = about(each, stored);
  return [field(each.label, each.control, true), words && hint(each.control, words), each.file && field(each.file, fileInto(each.control), true)];
}

/** What is in a file of the admin's goes into a text. */
function fileInto(area) {
  return h('input', {type: 'file', onchange: async event => {
    const [file] = event.target.files;
    area.value = file ? await file.text() : '';
    area.dispatchEvent(new Event('input', {bubbles: true}));
  }});
}

/** All of them, those that few need folded away. */
export function laidOutAll(controls, stored, fold = 'More') {
  const rest = controls.filter(each => each.more);
  return [controls.filter(each => !each.more).map(each => laidOut(each, stored)),
    rest.length > 0 && h('details', {open: rest.some(each => each.opened)}, h('summary', {}, fold), rest.map(each => laidOut(each, stored)))];
}

/** Puts what was entered into the object; what is empty goes out of it, and a secret that was not entered stays where it is. */
export function fill(controls, object, empty = undefined) {
  controls.forEach(each => put(object, each.member, entered(each, at(object, each.member)), empty));
  return object;
}

function about(each, stored) {
  if (each.kind === 'secret') return stored ? 'Never shown again. Leave it empty to keep the one that is stored.' : 'Stored encrypted and never shown again.';
  return each.about;
}

function control(each, value, stored) {
  const name = each.member;
  const required = each.must === true;
  const area = text => h('textarea', {name, class: 'code', spellcheck: 'false', required, value: text, placeholder: each.placeholder});
  switch (each.kind) {
    case 'flag': return check(each.label, {checked: value === true, name});
    case 'secret': return input(name, {type: 'password', autocomplete: 'new-password', placeholder: stored ? 'unchanged' : null});
    case 'list': return input(name, {value: (value ?? []).join(', '), placeholder: each.placeholder});
    case 'lines': return area((value ?? []).join('\n'));
    case 'code': return area(value ?? '');
    case 'certificates': return area((value ?? []).join('\n\n'));
    case 'choice': return chosen(each, value);
    case 'pairs': return area((value ?? []).map(pair => each.names.map(name => pair[name] ?? '').join(' = ')).join('\n'));
    case 'picks': return picks(each, value ?? []);
    case 'colour': return input(name, {type: 'color', value: value ?? each.otherwise});
    default: return input(name, {type: each.kind, value: value ?? '', required, readonly: each.fixed, placeholder: each.placeholder, min: each.min, max: each.max});
  }
}

function chosen(each, value) {
  const kept = value ?? each.otherwise ?? each.options[0]?.[0];
  const known = each.options.some(([key]) => key === kept);
  return select(each.member, known || kept === undefined ? each.options : [...each.options, [kept, kept]], kept);
}

function picks(each, values) {
  const options = [...each.options, ...values.filter(value => !each.options.some(([key]) => key === value)).map(value => [value, value])];
  return h('fieldset', {}, h('legend', {}, each.label), each.about && h('p', {class: 'quiet small'}, each.about),
    options.length === 0 ? h('p', {class: 'quiet small'}, each.nothing ?? 'There is none yet.')
      : options.map(([key, label]) => check(label, {value: key, name: each.member, checked: values.includes(key)})));
}

/** The value that was entered; undefined for nothing. */
function entered(each, before) {
  const {control: given} = each;
  switch (each.kind) {
    case 'flag': {
      const {checked} = given.querySelector('input');
      return checked || before !== undefined ? checked : undefined;
    }
    case 'picks': {
      const picked = [...given.querySelectorAll('input:checked')].map(box => box.value);
      return picked.length > 0 || before !== undefined ? picked : undefined;
    }
    case 'secret': return given.value === '' ? before : given.value;
    case 'pairs': return pairs(each.names, given.value);
    case 'colour': return given.value === each.otherwise && !before ? undefined : given.value;
    default: return read(each.kind, given.value.trim());
  }
}

/** Two texts a line, with “=” between them. */
function pairs([first, second], text) {
  const lines = text.split('\n').map(line => line.trim()).filter(Boolean);
  return lines.length === 0 ? undefined : lines.map(line => {
    const [one, ...rest] = line.split('=');
    return {[first]: one.trim(), [second]: rest.join('=').trim()};
  });
}

function read(kind, value) {
  if (value === '') return undefined;
  const parts = separator => value.split(separator).map(part => part.trim()).filter(Boolean);
  switch (kind) {
    case 'number': return Number(value);
    case 'list': return parts(',');
    case 'lines': return parts('\n');
    case 'certificates': return parts(/\n\s*\n/);
    default: return value;
  }
}

function at(object, path) {
  return path.split('.').reduce((place, name) => place?.[name], object) ?? undefined;
}

function put(object, path, value, empty) {
  const names = path.split('.');
  const last = names.pop();
  if (value === undefined && empty === undefined && at(object, names.join('.') || last) === undefined) return;
  const place = names.reduce((inside, name) => (inside[name] ??= {}), object);
  if (value !== undefined) place[last] = value;
  else if (empty === undefined) delete place[last];
  else place[last] = empty;
}
