// Identity providers: what to enter there, whether they work, and who they are.
import {api, query} from './api.js';
import {act, card, chip, copyable, flush, h, heading, list, refresh, say, table, time} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {keepSecret, providerForm, setupCard, takeSecret, typeName} from './provider-form.js';
import {ask, removeAndLeave} from './saving.js';

export async function providers(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/identity_providers' + query({...filter, per_page: PER_PAGE}));
  return [heading('Identity providers', {about: counted(info, 'way to sign in', 'ways to sign in'),
    actions: [h('a', {class: 'button', href: '#/providers/new'}, 'New identity provider')]}),
    (filter.search || info.total_pages > 1) && finder('#/providers', 'Name', filter),
    flush(null, table('Identity providers', [
      ['Name', provider => h('a', {href: '#/providers/' + provider.id}, provider.name || provider.type)],
      ['Type', provider => typeName(provider.type)],
      ['Issuer', provider => unpinned(provider) ? chip('not pinned', 'warn') : h('span', {class: 'mono'}, provider.config?.issuer ?? provider.config?.issuer_url ?? '')],
    ], result, filter.search ? 'No provider fits.' : 'Nobody can sign in yet: there is no provider.')), pager('#/providers', filter, info)].filter(Boolean);
}

export async function provider(id, parameters) {
  if (id === 'new') return providerForm(null, parameters.get('type'));
  const place = 'access/identity_providers/' + encodeURIComponent(id);
  const read = await api.read(place);
  if (parameters.get('edit')) return providerForm(read);
  const found = read.value;
  const [setups, everyone] = await Promise.all([api.some('sallyport/doctor/identity_providers'), api.page('access/identity_providers?per_page=1')]);
  const findings = h('div', {role: 'status'});
  const name = found.name || typeName(found.type);
  const scim = found.type !== 'onetimepin' && await directory(place, found);
  const metadata = found.type === 'saml' && found.config?.metadata_url && await reading(found);
  const test = act(async () => {
    findings.replaceChildren(h('p', {class: 'quiet'}, 'Asking the provider …'));
    try {
      findings.replaceChildren(...verdict(await api.post('sallyport/doctor/identity_providers/' + found.id)));
    } catch (refused) {
      findings.replaceChildren(h('p', {class: 'note bad'}, refused.message));
    }
  });
  const remove = act(async () => {
    const only = everyone.result_info.total_count === 1;
    if (!await ask(`Delete ${name}?`, 'Delete the provider', h('p', {class: 'note bad'}, only
      ? 'It is the only one: afterwards nobody can sign in any more.'
      : 'Who signs in through it alone cannot sign in any more.'),
    h('p', {class: 'quiet small'}, 'While an application, policy or group names it, it is not deleted, and you are told which.'))) return;
    await removeAndLeave(place, read.tag, '#/providers');
  });
  return [heading(name, {back: ['Identity providers', '#/providers'], about: typeName(found.type),
    actions: [h('a', {class: 'button', href: `#/providers/${found.id}?edit=1`}, 'Edit'),
      h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    h('div', {class: 'two'}, setupCard(setups.find(setup => setup.type === found.type), found.id),
      h('div', {}, card('Does it work?', h('p', {class: 'quiet small'}, 'Asks the provider all that a sign-in would, as far as it goes without a person.'),
        h('button', {type: 'button', class: 'soft', onclick: test}, 'Test'), findings),
      metadata, card('Settings', list([
        ['Issuer', unpinned(found) ? [chip('not pinned', 'warn'), ' Any token signed by its keys counts; enter what the provider calls itself.']
          : found.config?.issuer ?? found.config?.issuer_url],
        ['Client id', found.config?.client_id && h('code', {}, found.config.client_id)],
        ['Claims', (found.config?.claims ?? found.config?.attributes ?? []).join(', ')],
        ['Certificates', found.config?.idp_public_certs?.length],
        ['Started at the provider', found.type === 'saml' && (found.config?.allow_idp_initiated ? 'allowed' : 'not allowed')],
        ['Id', h('code', {}, found.id)],
      ])), found.type === 'saml' && encryption(place, found)), scim)].flat().filter(Boolean);
}

/** An entry that holds no issuer its ID tokens must name. */
const unpinned = provider => ['oidc', 'centrify'].includes(provider.type) && !provider.config?.issuer;

/** When the metadata was read, and what came of it. */
async function reading(found) {
  const place = `sallyport/doctor/identity_providers/${found.id}/metadata`;
  const known = await api.some(place);
  const again = act(async () => {
    const now = await api.post(place);
    await refresh();
    say(now.problem ? 'Nothing came of it.' : now.changed_at === now.read_at ? 'Read. It has changed the provider here.' : 'Read. All is as it was.');
  });
  return card('Metadata', h('p', {class: 'quiet small'}, 'Read by itself once a day, or as often as it wants, and when a sign-in fits none of its certificates.'),
    known.problem && h('p', {class: 'note warn'}, `It could not be used: ${known.problem}. `, known.read_at ? 'What it said before goes on to count.' : 'What was saved goes on to count.'),
    list([['Address', h('span', {class: 'mono'}, known.url)],
      ['Last read', known.read_at ? time(known.read_at) : 'when it was saved'],
      ['Last tried', known.problem && time(known.tried_at)],
      ['Changed something', known.changed_at && time(known.changed_at)],
      ['Valid until', known.valid_until && time(known.valid_until)],
      ['Next', known.next_at ? time(known.next_at) : 'at once']]),
    h('button', {type: 'button', class: 'soft', onclick: again}, 'Read it now'));
}

/** Whether the provider may encrypt what it says of people for us. */
function encryption(place, found) {
  const on = found.config?.enable_encryption === true;
  const begin = act(async () => {
    if (!await ask('Make a key to encrypt for?', 'Make it', h('p', {},
      'Our metadata then has a certificate that the provider encrypts assertions for. Import the metadata there again; until then it goes on as before.'))) return;
    await api.post(place + '/saml_certificate');
    await refresh();
    say('Made. Import our metadata at the provider again.');
  });
  return card('Encrypted assertions', h('p', {}, on ? 'Our metadata has a certificate that the provider may encrypt for. It is followed by a new one in time.'
    : 'Off. What the provider says of people travels through their browsers, which can read it.'),
  !on && h('button', {type: 'button', class: 'soft', onclick: begin}, 'Make a key'));
}

/** What the directory is told, and whom it told us of. */
async function directory(place, found) {
  if (!found.scim_config?.enabled) {
    return card('Directory (SCIM)', h('p', {}, 'Off. Switched on, the directory tells who comes and goes, and who leaves it is out at once.'),
      h('a', {class: 'button soft', href: `#/providers/${found.id}?edit=1`}, 'Switch it on'));
  }
  const [users, groups] = await Promise.all(['users', 'groups'].map(what =>
    api.page(`${place}/scim/${what}?per_page=8`).catch(() => ({result: [], result_info: {}}))));
  const secret = takeSecret(found.id);
  const renew = act(async () => {
    if (!await ask('Make a new secret?', 'Make it', h('p', {}, 'The present one ends at once. Until the new one is entered at the directory, nobody comes and nobody goes.'))) return;
    const changed = await api.post(place + '/refresh_scim_secret');
    keepSecret(found.id, changed.scim_config.secret);
    await refresh();
    say('This is the new secret. It is on this page, and never shown again.');
  });
  const shown = (what, info) => `${info.total_count ?? 0} ${what}${info.total_count === 1 ? '' : 's'}`;
  return card('Directory (SCIM)', h('h3', {}, 'Address to enter there'), copyable(found.scim_config.scim_base_url ?? '', 'SCIM address'),
    secret && [h('p', {class: 'note warn'}, 'This is the only time the secret is shown.'), copyable(secret, 'SCIM secret')],
    h('p', {}, `It told us of ${shown('person', users.result_info).replace('persons', 'people')} and ${shown('group', groups.result_info)}.`),
    users.result.length > 0 && table('People of the directory', [
      ['Person', user => user.displayName ?? user.userName ?? user.emails?.[0]?.value ?? user.id],
      ['Active', user => chip(user.active === false ? 'no' : 'yes', user.active === false ? 'bad' : 'good')],
      ['Changed', user => time(user.meta?.lastModified)],
    ], users.result, ''),
    h('p', {}, h('button', {type: 'button', class: 'soft tiny', onclick: renew}, 'Make a new secret')));
}

const VERDICTS = {ok: 'good', warning: 'warn', failed: 'bad'};

function verdict({healthy, findings}) {
  return [h('p', {class: 'note ' + (healthy ? 'good' : 'bad')}, healthy ? 'It works, as far as can be seen from here.' : 'It does not work.'),
    h('ul', {class: 'plain'}, findings.map(each => h('li', {}, chip(each.verdict, VERDICTS[each.verdict] ?? ''), ' ', each.sentence)))];
}
