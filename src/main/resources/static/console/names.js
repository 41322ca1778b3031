// What ids stand for, so that nobody has to read or type one.
import {api, onWrite} from './api.js';

/** What rules and forms name, and where it is listed; a list of a thousand is as far as a choice is of use. */
const KINDS = {
  group: 'access/groups', idp: 'access/identity_providers', list: 'gateway/lists', token: 'access/service_tokens',
  issuer: 'sallyport/workload_issuers', page: 'access/custom_pages', tag: 'access/tags',
};
const ORGANIZATION = 'organization';
const PLACES = {...KINDS, [ORGANIZATION]: 'access/organizations'};
const FRESH_FOR = 60_000;

let known = {};
let organization = {};
let learnt = {};

/**
 * Looks up what is not known or no longer true: what was written from here since, and everything after a minute, because others
 * write too. Whoever asks meanwhile waits for the same answers.
 */
export function learn() {
  const now = Date.now();
  return Promise.all(Object.keys(PLACES).map(kind => {
    const last = learnt[kind];
    if (last && now - last.at < FRESH_FOR) return last.done;
    const mine = {at: now};
    learnt[kind] = mine;
    mine.done = lookUp(kind, mine).catch(failure => {
      if (learnt[kind] === mine) delete learnt[kind];
      throw failure;
    });
    return mine.done;
  }));
}

async function lookUp(kind, mine) {
  const found = await api.some(PLACES[kind] + (kind === ORGANIZATION ? '' : '?per_page=1000')).catch(refused => {
    if (refused.status === 401 || kind === ORGANIZATION) throw refused;
    return [];
  });
  if (learnt[kind] !== mine) return; // written, or somebody else signed in, while this was on its way
  if (kind === ORGANIZATION) organization = found;
  else known[kind] = found;
}

/** What was written from here is looked up again, and nothing else. */
onWrite(path => Object.entries(PLACES).filter(([, place]) => path.startsWith(place)).forEach(([kind]) => delete learnt[kind]));

/** The address of the team domain, as browsers have it: this console is reached by the same scheme and port. */
export const team = () => `${location.protocol}//${organization.auth_domain}${location.port && ':' + location.port}`;

/** Somebody else signs in. */
export function forget() {
  known = {};
  learnt = {};
}

const called = each => each.name || each.type || each.id;
const idOf = each => each.id ?? each.uid ?? each.name;

/** What an id stands for; the id itself when that is not known here. */
export function nameOf(kind, id) {
  const found = (known[kind] ?? []).find(each => idOf(each) === id);
  if (!found && id) delete learnt[kind]; // somebody else made it: known at the next look
  return found ? called(found) : id ?? '';
}

/** The choices of a kind, as value and label. */
export function choices(kind, fits = () => true) {
  return (known[kind] ?? []).filter(fits).map(each => [idOf(each), called(each)]);
}
