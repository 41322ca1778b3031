// Policies: read, try on what was decided before, save.
import {api, query} from './api.js';
import {act, card, chip, flush, h, heading, refresh, say, table} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {BLANK, dangerous, policyForm} from './policy-form.js';
import {ruleText} from './rules.js';
import {ask, consequences, removeAndLeave, saver} from './saving.js';

const CHIPS = {allow: 'good', deny: 'bad', bypass: 'warn'};

export const decisionChip = policy => [chip(policy.decision.replaceAll('_', ' '), CHIPS[policy.decision] ?? ''),
  policy.sallyport_report_only && [' ', chip('report only', 'warn')]];

/** A policy's rules in a line. */
export function summary(policy) {
  return ['include', 'require', 'exclude'].map(kind => (policy[kind] ?? []).length > 0
    && `${kind} ${policy[kind].slice(0, 4).map(ruleText).join(', ')}${policy[kind].length > 4 ? ', …' : ''}`).filter(Boolean).join(' · ');
}

export async function policies(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/policies' + query({...filter, per_page: PER_PAGE}));
  return [heading('Policies', {about: `${counted(info, 'reusable one', 'reusable ones')}; an application’s own stand with it`,
    actions: [h('a', {class: 'button', href: '#/policies/new'}, 'New policy')]}),
    finder('#/policies', 'Name', filter),
    flush(null, table('Policies', [
      ['Name', policy => h('a', {href: '#/policies/' + policy.id}, policy.name)],
      ['Decision', decisionChip],
      ['Rules', summary],
      ['Applications', policy => String(policy.app_count ?? 0)],
    ], result, filter.search ? 'No policy fits.' : 'There are no policies yet.')), pager('#/policies', filter, info)].filter(Boolean);
}

export async function policy(id, parameters) {
  const app = parameters.get('app');
  const fresh = id === 'new';
  const {place, read} = fresh ? {place: 'access/policies', read: {value: BLANK}} : await find(encodeURIComponent(id), app && encodeURIComponent(app));
  const found = read.value;
  const form = policyForm(found);
  const result = h('div', {role: 'status'}, warnings);
  warnings = [];
  const told = async saved => {
    warnings = (await api.some('sallyport/lint')).filter(warning => warning.policy_id === saved.id)
      .map(warning => h('p', {class: 'note warn'}, warning.reason, ' ', warning.advice ?? ''));
    if (fresh) location.hash = '#/policies/' + saved.id;
    else await refresh();
    say('Saved. It is in force at everybody’s next request.');
  };
  const over = fresh ? null : saver(place, read, result, told);
  const preview = act(async () => {
    result.replaceChildren(...await consequences(await proposal(app, found, form.body())));
  });
  const save = act(async () => {
    const body = form.body();
    const doubt = dangerous(body);
    if (doubt && !await ask('Save it all the same?', 'Save it', h('p', {class: 'note bad'}, doubt))) return;
    await (fresh ? told(await api.post(place, body)) : over(body));
  });
  const reusable = !fresh && place.startsWith('access/policies');
  const remove = act(async () => {
    const used = found.app_count > 0 && h('p', {class: 'note warn'},
      `${found.app_count} ${found.app_count === 1 ? 'application uses' : 'applications use'} it. It can only be deleted when none does.`);
    if (!await ask(`Delete the policy ${found.name}?`, 'Delete the policy', used || h('p', {}, 'No application uses it, so nobody loses access.'))) return;
    await removeAndLeave(place, read.tag, '#/policies');
  });
  return [heading(fresh ? 'New policy' : found.name, {back: app ? ['Application', '#/applications/' + app] : ['Policies', '#/policies'],
    actions: reusable && [h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    h('form', {class: 'card', onsubmit: save}, form.controls, result,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, 'Save'),
        !fresh && h('button', {type: 'button', class: 'soft', onclick: preview}, 'Who would notice?'),
        h('a', {class: 'button soft', href: app ? '#/applications/' + app : '#/policies'}, 'Cancel'))),
    !fresh && card('As the API has it', h('details', {}, h('summary', {}, 'JSON'), h('pre', {tabindex: '0'}, JSON.stringify(found, null, 2))))].filter(Boolean);
}

/** What is to be said of the policy that was just saved stays on the screen when it is drawn anew. */
let warnings = [];

/** The change as a proposal: that of an application's own policy is a change of the application. */
async function proposal(app, found, body) {
  if (!app || found.reusable) return {policies: [{...body, id: found.id}]};
  const application = await api.get('access/apps/' + encodeURIComponent(app));
  return {applications: [{...application, policies: application.policies.map(each =>
    each.id === found.id ? {...body, id: found.id} : {id: each.id, name: each.name})}]};
}

/** A reusable policy, or one of an application's own. */
async function find(id, app) {
  try {
    return {place: 'access/policies/' + id, read: await api.read('access/policies/' + id)};
  } catch (refused) {
    if (!app || refused.status === 401) throw refused;
    const place = `access/apps/${app}/policies/${id}`;
    return {place, read: await api.read(place)};
  }
}
