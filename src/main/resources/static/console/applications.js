// Applications, their policies, and who would be let in.
import {api, query} from './api.js';
import {applicationForm} from './application-form.js';
import {act, card, chip, field, flush, h, heading, input, list, table, values} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {decisionChip, summary} from './policies.js';
import {ask, losers, removeAndLeave} from './saving.js';

export async function applications(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/apps' + query({...filter, per_page: PER_PAGE}));
  return [heading('Applications', {about: counted(info, 'application', 'applications'),
    actions: [h('a', {class: 'button', href: '#/applications/new'}, 'New application')]}),
    finder('#/applications', 'Name or host', filter),
    flush(null, table('Applications', [
      ['Name', app => h('a', {href: '#/applications/' + app.id}, app.name || app.domain || app.type)],
      ['Host', app => h('span', {class: 'mono'}, app.domain ?? '')],
      ['Type', app => app.type.replaceAll('_', ' ')],
      ['Policies', app => (app.policies ?? []).length || chip('nobody gets in', 'warn')],
      ['Session', app => app.session_duration ?? ''],
    ], result, filter.search ? 'No application fits.' : 'There are no applications yet.')), pager('#/applications', filter, info)].filter(Boolean);
}

export async function application(id, parameters) {
  if (id === 'new') return applicationForm(null);
  const place = 'access/apps/' + encodeURIComponent(id);
  const read = await api.read(place);
  if (parameters.get('edit')) return applicationForm(read);
  const app = read.value;
  const [warnings, providers] = await Promise.all([api.some('sallyport/lint'), api.some('access/identity_providers?per_page=1000')]);
  const mine = warnings.filter(warning => warning.application_id === app.id);
  const answer = h('div', {role: 'status'});
  const name = app.name || app.domain;
  const remove = act(async () => {
    const open = (await api.some('access/organizations')).deny_unmatched_requests === false;
    const consequences = open ? h('p', {class: 'note bad'}, h('strong', {}, 'Afterwards everybody reaches it, without a sign-in: '),
      'this organization lets through what no application guards. Take away what leads there first.')
      : [app.domain && h('p', {}, 'Nobody reaches ', h('code', {}, app.domain), ' any more: the gateway refuses what no application guards.'),
        await losers({delete: {applications: [app.id]}})];
    if (!await ask(`Delete ${name}?`, 'Delete the application', consequences, h('p', {class: 'quiet small'}, 'Its own policies go with it; reusable ones stay.'))) return;
    await removeAndLeave(place, read.tag, '#/applications');
  });
  const providerName = idp => providers.find(provider => provider.id === idp)?.name ?? idp;
  return [heading(name, {back: ['Applications', '#/applications'], about: app.type.replaceAll('_', ' '),
    actions: [h('a', {class: 'button', href: `#/applications/${app.id}?edit=1`}, 'Edit'),
      h('a', {class: 'button soft', href: '#/decisions?app=' + app.id}, 'Its decisions'),
      h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    mine.map(warning => h('p', {class: 'note warn'}, warning.reason, warning.advice && ' ' + warning.advice)),
    flush('Policies, in their order', table('Policies', [
      ['Name', policy => h('a', {href: `#/policies/${policy.id}?app=${app.id}`}, policy.name)],
      ['Decision', policy => decisionChip(policy)],
      ['Rules', policy => summary(policy)],
    ], app.policies ?? [], 'Without a policy nobody gets in.')),
    h('div', {class: 'two'},
      card('Who would be let in?', h('p', {class: 'quiet small'}, 'By the policies in force, as the person signed in last.'),
        h('form', {class: 'bar', onsubmit: act(async event => {
          const {email} = values(event.target);
          answer.replaceChildren();
          const found = await api.get(`access/apps/${app.id}/user_policy_checks` + query({email}));
          const yes = found.app_state?.status === 'Success';
          answer.replaceChildren(h('p', {class: 'note ' + (yes ? 'good' : 'bad')},
            `${email} ${yes ? 'would be let in.' : 'would be refused.'}`));
        })}, field('Email of somebody who has signed in before', input('email', {type: 'email', required: true})), h('button', {type: 'submit'}, 'Check')), answer),
      card('Settings', list([
        ['Host', h('span', {class: 'mono'}, app.domain ?? '')],
        ['Also at', (app.destinations ?? []).map(each => each.uri).filter(uri => uri && uri !== app.domain).join(', ')],
        ['Session', app.session_duration],
        ['Sign-in', (app.allowed_idps ?? []).length === 0 ? 'every identity provider' : app.allowed_idps.map(providerName).join(', ')],
        ['Audience', app.aud && h('code', {}, app.aud)],
        ['Id', h('code', {}, app.id)],
        ['Tags', (app.tags ?? []).join(', ')],
      ])))].flat();
}
