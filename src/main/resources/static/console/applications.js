// Applications, their policies, and who would be let in.
import {api, query} from './api.js';
import {act, card, chip, field, flush, h, heading, input, list, table, values} from './dom.js';
import {decisionChip, summary} from './policies.js';

export async function applications(parameters) {
  const search = parameters.get('search') ?? '';
  const found = await api.get('access/apps' + query({search, per_page: 200}));
  return [heading('Applications'),
    h('form', {class: 'bar', role: 'search', onsubmit: event => {
      event.preventDefault();
      location.hash = '#/applications' + query(values(event.currentTarget));
    }}, field('Name or host', input('search', {type: 'search', value: search})), h('button', {type: 'submit'}, 'Search')),
    flush(null, table('Applications', [
      ['Name', app => h('a', {href: '#/applications/' + app.id}, app.name || app.domain || app.type)],
      ['Host', app => h('span', {class: 'mono'}, app.domain ?? '')],
      ['Type', app => app.type.replaceAll('_', ' ')],
      ['Policies', app => (app.policies ?? []).length || chip('nobody gets in', 'warn')],
      ['Session', app => app.session_duration ?? ''],
    ], found, 'No application fits.'))];
}

export async function application(id) {
  const [app, warnings] = await Promise.all([
    api.get('access/apps/' + encodeURIComponent(id)), api.some('sallyport/lint')]);
  const mine = warnings.filter(warning => warning.application_id === app.id);
  const answer = h('div', {role: 'status'});
  return [heading(app.name || app.domain, {back: ['Applications', '#/applications'], about: app.type.replaceAll('_', ' '),
    actions: [h('a', {class: 'button soft', href: '#/decisions?app=' + app.id}, 'Its decisions')]}),
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
        ['Audience', app.aud && h('code', {}, app.aud)],
        ['Id', h('code', {}, app.id)],
        ['Tags', (app.tags ?? []).join(', ')],
      ])))].flat();
}
