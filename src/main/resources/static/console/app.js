// The shell: sign-in, navigation, and which view an address names.
import {api, begin, Refused, token} from './api.js';
import {act, forgive, h} from './dom.js';
import {overview} from './overview.js';
import {decision, decisions} from './decisions.js';
import {application, applications} from './applications.js';
import {policies, policy} from './policies.js';
import {tunnel, tunnels} from './tunnels.js';
import {people, person} from './people.js';
import {provider, providers} from './providers.js';
import {tokens} from './tokens.js';
import {audit} from './audit.js';
import {group, groups} from './groups.js';
import {valueLists} from './values.js';
import {tags} from './tags.js';
import {certificates} from './certificates.js';
import {origins} from './origins.js';
import {zones} from './zones.js';
import {settings} from './settings.js';
import {customPages} from './custom-pages.js';
import {adminToken, adminTokens} from './admin-tokens.js';
import {bookmarks} from './bookmarks.js';
import {workloadIssuers} from './workload-issuers.js';
import {forget, learn} from './names.js';
import {mayLeave, shown} from './unsaved.js';

const PLACES = [
  [null, [['', 'Overview', overview], ['decisions', 'Decisions', decisions, decision]]],
  ['Access', [['applications', 'Applications', applications, application], ['policies', 'Policies', policies, policy], ['bookmarks', 'Bookmarks', bookmarks.all, bookmarks.each], ['groups', 'Groups', groups, group],
    ['lists', 'Lists', valueLists.all, valueLists.each], ['tags', 'Tags', tags.all, tags.each]]],
  ['Who comes', [['people', 'People', people, person], ['providers', 'Identity providers', providers, provider], ['tokens', 'Service tokens', tokens],
    ['workload-issuers', 'Workload issuers', workloadIssuers.all, workloadIssuers.each],
    ['certificates', 'Certificates', certificates.all, certificates.each]]],
  ['Where it leads', [['tunnels', 'Tunnels', tunnels, tunnel], ['origins', 'Origins', origins.all, origins.each],
    ['zones', 'Zones', zones.all, zones.each]]],
  ['This gateway', [['settings', 'Settings', settings], ['pages', 'Custom pages', customPages.all, customPages.each],
    ['admin-tokens', 'API tokens', adminTokens, adminToken], ['audit', 'Audit log', audit]]],
];
const ALL = PLACES.flatMap(([, places]) => places);

const root = document.getElementById('root');
let main;
let nav;
let visit = 0;
let unfold = () => {};

function brand(organization) {
  return h('a', {class: 'brand', href: '#/'}, h('img', {src: '/console/icon.svg', alt: ''}),
    h('span', {}, 'Sallyport', h('small', {}, organization)));
}

function door(message, keep = false) {
  document.title = 'Sign in · Sallyport console';
  const secret = h('input', {id: 'token', type: 'password', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'where'});
  root.replaceChildren(h('main', {class: 'door', id: 'main', tabindex: '-1'}, brand('console'), h('section', {class: 'card'},
    h('h1', {}, 'Sign in'), message && h('p', {class: 'note bad', role: 'alert'}, message),
    h('form', {onsubmit: act(async () => { token.set(secret.value.trim()); await enter(); })},
      h('div', {class: 'field'}, h('label', {for: 'token'}, 'API token'), secret),
      h('p', {class: 'small quiet', id: 'where'}, 'An admin’s API token. The first one lies in ',
        h('code', {}, 'admin-token'), ' of the data directory. It stays in this tab and is forgotten when you close it.'),
      h('button', {type: 'submit'}, 'Sign in'))),
    keep && h('p', {}, h('button', {type: 'button', class: 'soft', onclick: act(enter)}, 'Try again'))));
  secret.focus();
}

async function enter() {
  try {
    await begin();
  } catch (refused) {
    if (refused instanceof Refused && refused.status >= 400 && refused.status < 500) {
      leave('This token is not valid.');
      return;
    }
    // Whoever reloads while the gateway restarts stays signed in.
    door(refused.message, true);
    return;
  }
  const organization = await api.some('access/organizations');
  nav = h('nav', {'aria-label': 'Console', id: 'nav'}, PLACES.map(([title, places]) => [title && h('p', {class: 'group'}, title),
    places.map(([key, name]) => h('a', {href: '#/' + key, 'data-place': key}, name))]));
  const menu = h('button', {type: 'button', class: 'soft tiny menu', 'aria-expanded': 'false', 'aria-controls': 'nav', onclick: () => unfold(menu.getAttribute('aria-expanded') === 'false')}, 'Menu');
  unfold = open => menu.setAttribute('aria-expanded', String(open));
  main = h('main', {id: 'main', tabindex: '-1'});
  root.replaceChildren(h('div', {class: 'shell'}, h('div', {class: 'side'}, brand(organization.name ?? ''), menu, nav,
    h('div', {class: 'foot'}, h('p', {}, organization.auth_domain ?? ''),
      h('button', {type: 'button', class: 'soft tiny', onclick: () => leave()}, 'Sign out'))), main));
  await show();
}

/** Forgets who was here, on the screen too. */
function leave(message) {
  token.forget();
  forget();
  main = undefined;
  shown();
  door(message);
}

async function show() {
  const mine = ++visit;
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const [key, id, part] = path.split('/').map(readable);
  const place = ALL.find(([name]) => name === key) ?? ALL[0];
  unfold(false);
  nav.querySelectorAll('a').forEach(link => link.dataset.place === place[0]
    ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current'));
  const parameters = new URLSearchParams(search ?? '');
  try {
    await learn();
    const view = await (id && place[3] ? place[3](id, parameters, part) : place[2](parameters));
    if (mine !== visit) return;
    main.replaceChildren(...[view].flat());
    main.dataset.view = location.hash;
    shown();
  } catch (failure) {
    if (failure.status === 401) {
      leave('The token is no longer valid.');
      return;
    }
    if (mine !== visit) return;
    main.replaceChildren(...trouble(failure, place));
    shown();
  }
}

/** What an address says; as it stands where it is no encoding of anything. */
function readable(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What went wrong, and the way on. */
function trouble(failure, [key, name]) {
  document.title = 'This did not work · Sallyport console';
  const gone = failure.status === 404;
  return [h('h1', {}, gone ? 'It is not here' : 'This did not work'),
    h('p', {class: 'note bad', role: 'alert'}, gone ? 'It was deleted, or the address is wrong, or this token may not see it.' : failure.message),
    gone && h('p', {class: 'quiet small'}, failure.message),
    h('div', {class: 'row'}, !gone && h('button', {type: 'button', onclick: show}, 'Try again'),
      h('a', {class: 'button soft', href: '#/' + key}, 'To ' + name))].filter(Boolean);
}

addEventListener('hashchange', async () => {
  if (location.hash === '#main' || !token.get() || !main || !await mayLeave()) return;
  forgive();
  await show();
  scrollTo(0, 0);
  main?.focus({preventScroll: true});
});

if (token.get()) enter(); else door();

addEventListener('sallyport:changed', changed => { changed.detail.shown = show(); });
