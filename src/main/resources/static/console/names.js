// What ids stand for, so that nobody has to read or type one.
import {api, written} from './api.js';

/** What rules and forms name, and where it is listed; a list of a thousand is as far as a choice is of use. */
const KINDS = {
  group: 'access/groups', idp: 'access/identity_providers', list: 'gateway/lists', token: 'access/service_tokens',
  issuer: 'sallyport/workload_issuers', page: 'access/custom_pages', tag: 'access/tags',
};
const FRESH_FOR = 15_000;

let known = {};
let organization = {};
const NOTHING = {at: 0, writes: -1, done: Promise.resolve()};
let learnt = NOTHING;

/** Looks them up, unless that was done a moment ago and nothing was written since. Whoever asks meanwhile waits for the same answer. */
export function learn() {
  if (learnt.writes !== written() || Date.now() - learnt.at >= FRESH_FOR) {
    learnt = {at: Date.now(), writes: written(), done: lookUp()};
    learnt.done.catch(forget);
  }
  return learnt.done;
}

async function lookUp() {
  const entries = await Promise.all(Object.entries(KINDS).map(async ([kind, path]) =>
    [kind, await api.some(path + '?per_page=1000').catch(refused => {
      if (refused.status === 401) throw refused;
      return [];
    })]));
  known = Object.fromEntries(entries);
  organization = await api.some('access/organizations');
}

/** The address of the team domain, as browsers have it: this console is reached by the same scheme and port. */
export const team = () => `${location.protocol}//${organization.auth_domain}${location.port && ':' + location.port}`;

/** Somebody else signs in. */
export function forget() {
  known = {};
  learnt = NOTHING;
}

const called = each => each.name || each.type || each.id;
const idOf = each => each.id ?? each.uid ?? each.name;

/** What an id stands for; the id itself when that is not known here. */
export function nameOf(kind, id) {
  const found = (known[kind] ?? []).find(each => idOf(each) === id);
  return found ? called(found) : id ?? '';
}

/** The choices of a kind, as value and label. */
export function choices(kind, fits = () => true) {
  return (known[kind] ?? []).filter(fits).map(each => [idOf(each), called(each)]);
}
