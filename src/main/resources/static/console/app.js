// The shell: sign-in, navigation, and which view an address names.
import {api, begin, Refused, token} from './api.js';
import {act, h} from './dom.js';
import {overview} from './overview.js';
import {decision, decisions} from './decisions.js';
import {application, applications} from './applications.js';
import {policies, policy} from './policies.js';
import {tunnel, tunnels} from './tunnels.js';
import {people, person} from './people.js';
import {provider, providers} from './providers.js';
import {tokens} from './tokens.js';
import {audit} from './audit.js';

const PLACES = [
  ['', 'Overview', overview],
  ['decisions', 'Decisions', decisions, decision],
  ['applications', 'Applications', applications, application],
  ['policies', 'Policies', policies, policy],
  ['tunnels', 'Tunnels', tunnels, tunnel],
  ['people', 'People', people, person],
  ['providers', 'Identity providers', providers, provider],
  ['tokens', 'Service tokens', tokens],
  ['audit', 'Audit log', audit],
];

const root = document.getElementById('root');
let main;
let nav;
let visit = 0;

function brand(organization) {
  return h('a', {class: 'brand', href: '#/'}, h('img', {src: '/console/icon.svg', alt: ''}),
    h('span', {}, 'Sallyport', h('small', {}, organization)));
}

function door(message) {
  document.title = 'Sign in · Sallyport console';
  const secret = h('input', {id: 'token', type: 'password', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'where'});
  root.replaceChildren(h('main', {class: 'door', id: 'main', tabindex: '-1'}, brand('console'), h('section', {class: 'card'},
    h('h1', {}, 'Sign in'), message && h('p', {class: 'note bad', role: 'alert'}, message),
    h('form', {onsubmit: act(async () => { token.set(secret.value.trim()); await enter(); })},
      h('div', {class: 'field'}, h('label', {for: 'token'}, 'API token'), secret),
      h('p', {class: 'small quiet', id: 'where'}, 'An admin’s API token. The first one lies in ',
        h('code', {}, 'admin-token'), ' of the data directory. It stays in this tab and is forgotten when you close it.'),
      h('button', {type: 'submit'}, 'Sign in')))));
  secret.focus();
}

async function enter() {
  try {
    await begin();
  } catch (refused) {
    token.forget();
    door(refused instanceof Refused && refused.status < 500 ? 'This token is not valid.' : refused.message);
    return;
  }
  const organization = await api.some('access/organizations');
  nav = h('nav', {'aria-label': 'Console'}, PLACES.map(([key, name]) => h('a', {href: '#/' + key, 'data-place': key}, name)));
  main = h('main', {id: 'main', tabindex: '-1'});
  root.replaceChildren(h('div', {class: 'shell'}, h('div', {class: 'side'}, brand(organization.name ?? ''), nav,
    h('div', {class: 'foot'}, h('p', {}, organization.auth_domain ?? ''),
      h('button', {type: 'button', class: 'soft tiny', onclick: () => { token.forget(); door(); }}, 'Sign out'))), main));
  await show();
}

async function show() {
  const mine = ++visit;
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const [key, id] = path.split('/').map(decodeURIComponent);
  const place = PLACES.find(([name]) => name === key) ?? PLACES[0];
  nav.querySelectorAll('a').forEach(link => link.dataset.place === place[0]
    ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current'));
  const parameters = new URLSearchParams(search ?? '');
  try {
    const view = await (id && place[3] ? place[3](id, parameters) : place[2](parameters));
    if (mine === visit) main.replaceChildren(...[view].flat());
  } catch (failure) {
    if (failure.status === 401) {
      token.forget();
      door('The token is no longer valid.');
      return;
    }
    if (mine !== visit) return;
    main.replaceChildren(h('h1', {}, 'This did not work'), h('p', {class: 'note bad', role: 'alert'}, failure.message));
  }
}

addEventListener('hashchange', async () => {
  if (location.hash === '#main' || !token.get() || !main) return;
  await show();
  scrollTo(0, 0);
  main.focus({preventScroll: true});
});

if (token.get()) enter(); else door();

/** Shows the present view again, after something changed. */
addEventListener('sallyport:changed', show);
