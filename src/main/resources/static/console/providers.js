// Identity providers: what to enter there, whether they work, and who they are.
import {api, query} from './api.js';
import {act, card, chip, flush, h, heading, list, table} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {providerForm, setupCard, typeName} from './provider-form.js';
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
      ['Issuer', provider => h('span', {class: 'mono'}, provider.config?.issuer ?? provider.config?.issuer_url ?? '')],
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
    h('div', {class: 'two'}, setupCard(setups.find(setup => setup.type === found.type)),
      h('div', {}, card('Does it work?', h('p', {class: 'quiet small'}, 'Asks the provider all that a sign-in would, as far as it goes without a person.'),
        h('button', {type: 'button', class: 'soft', onclick: test}, 'Test'), findings),
      card('Settings', list([
        ['Issuer', found.config?.issuer ?? found.config?.issuer_url],
        ['Client id', found.config?.client_id && h('code', {}, found.config.client_id)],
        ['Claims', (found.config?.claims ?? found.config?.attributes ?? []).join(', ')],
        ['SCIM', found.scim_config?.enabled ? h('code', {}, found.scim_config.scim_base_url ?? 'on') : null],
        ['Id', h('code', {}, found.id)],
      ]))))];
}

const VERDICTS = {ok: 'good', warning: 'warn', failed: 'bad'};

function verdict({healthy, findings}) {
  return [h('p', {class: 'note ' + (healthy ? 'good' : 'bad')}, healthy ? 'It works, as far as can be seen from here.' : 'It does not work.'),
    h('ul', {class: 'plain'}, findings.map(each => h('li', {}, chip(each.verdict, VERDICTS[each.verdict] ?? ''), ' ', each.sentence)))];
}
