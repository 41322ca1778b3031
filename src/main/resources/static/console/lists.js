// Long lists: a search, and one page at a time. Both are part of the address, so that Back and a bookmark work.
import {query} from './api.js';
import {field, h, input, select, values} from './dom.js';

export const PER_PAGE = 50;

/** What an address asks of a list. */
export function asked(parameters, ...names) {
  return Object.fromEntries(['search', ...names, 'page'].map(name => [name, parameters.get(name) ?? '']));
}

/** A list's search; further controls are asked with it. */
export function finder(place, label, filter, ...more) {
  return h('form', {class: 'bar', role: 'search', onsubmit: event => {
    event.preventDefault();
    location.hash = place + query(values(event.currentTarget));
  }}, field(label, input('search', {type: 'search', value: filter.search})), ...more, h('button', {type: 'submit'}, 'Search'));
}

/** The way to the pages before and behind; nothing where one page holds it all. */
export function pager(place, filter, info, [before, behind] = ['Previous', 'Next']) {
  const page = Number(filter.page || 1);
  const last = info?.total_pages ?? 1;
  // Where counting stopped there are more pages than are known, and a full one may have another behind it.
  const open = info?.at_least === true;
  if (page <= 1 && last <= 1 && !open) return null;
  const to = number => place + query({...filter, page: number});
  return h('nav', {class: 'row', 'aria-label': 'Pages'},
    page > 1 && h('a', {class: 'button soft', href: to(Math.max(1, open ? page - 1 : Math.min(page - 1, last))), rel: 'prev'}, before),
    h('span', {class: 'quiet'}, open ? `Page ${page} of more than ${last}` : `Page ${page} of ${last}`),
    (page < last || (open && info.count === info.per_page)) && h('a', {class: 'button soft', href: to(page + 1), rel: 'next'}, behind));
}

/** How many there are, in words. */
export function counted(info, one, many) {
  const count = info?.total_count ?? 0;
  return `${info?.at_least ? 'More than ' : ''}${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const HOUR = 3600_000;

/** Since when, in steps that people ask for; an address keeps the moment itself, so that it shows the same tomorrow. */
export function sinceChoice(chosen) {
  const now = Date.now();
  const midnight = new Date(new Date().setHours(0, 0, 0, 0)).getTime();
  const steps = [['the last hour', now - HOUR], ['today', midnight], ['yesterday', midnight - 24 * HOUR], ['the last 7 days', now - 7 * 24 * HOUR], ['the last 30 days', now - 30 * 24 * HOUR]]
    .map(([label, at]) => [new Date(at).toISOString(), label]);
  const known = steps.find(([at]) => Math.abs(new Date(at) - new Date(chosen)) < HOUR / 2);
  const options = [['', 'ever'], ...steps.map(step => step === known ? [chosen, step[1]] : step)];
  if (chosen && !known) options.push([chosen, new Date(chosen).toLocaleString()]);
  return select('since', options, chosen);
}
