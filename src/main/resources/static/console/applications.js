// Applications, their policies, and who would be let in.
import {api, query} from './api.js';
import {applicationForm} from './application-form.js';
import {act, card, chip, copyable, field, flush, h, heading, input, list, say, table, values} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {decisionChip, summary} from './policies.js';
import {nameOf, team} from './names.js';
import {ask, losers, removeAndLeave} from './saving.js';

const HOSTED = ['self_hosted', 'ssh', 'vnc', 'rdp', 'mcp_portal'];

export async function applications(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/apps' + query({...filter, per_page: PER_PAGE}));
  return [heading('Applications', {about: counted(info, 'application', 'applications'),
    actions: [h('a', {class: 'button', href: '#/applications/new'}, 'New application'),
      h('a', {class: 'button soft', href: '#/applications/launcher'}, 'App launcher')]}),
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
  if (id === 'new') return applicationForm(null, parameters.get('host') ?? '');
  if (id === 'launcher') return launcher();
  const place = 'access/apps/' + encodeURIComponent(id);
  const read = await api.read(place);
  if (parameters.get('edit')) return applicationForm(read);
  const app = read.value;
  const [warnings, leads] = await Promise.all([api.some('sallyport/lint'), leadsTo(app)]);
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
  const revoke = act(async () => {
    if (!await ask(`End every session at ${name}?`, 'End all sessions', h('p', {}, 'Everybody is asked again at their next request; who is signed in elsewhere comes back without typing.'))) return;
    await api.post(`access/apps/${app.id}/revoke_tokens`);
    say('Every session at this application has ended.');
  });
  return [heading(name, {back: ['Applications', '#/applications'], about: app.type.replaceAll('_', ' '),
    actions: [h('a', {class: 'button', href: `#/applications/${app.id}?edit=1`}, 'Edit'),
      h('a', {class: 'button soft', href: '#/decisions?app=' + app.id}, 'Its decisions'),
      h('button', {type: 'button', class: 'danger', onclick: revoke}, 'End all sessions'),
      h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    leads?.length === 0 && HOSTED.includes(app.type) && h('p', {class: 'note warn'}, 'Nothing leads to it yet: who is let in gets a page that says so. ',
      h('a', {href: '#/origins/new'}, 'Add an origin'), ' or a route of a ', h('a', {href: '#/tunnels'}, 'tunnel'), '.'),
    mine.map(warning => h('p', {class: 'note warn'}, warning.reason, warning.advice && ' ' + warning.advice)),
    flush('Policies, in their order', table('Policies', [
      ['Name', policy => h('a', {href: `#/policies/${policy.id}?app=${app.id}`}, policy.name)],
      ['Decision', policy => decisionChip(policy)],
      ['Rules', policy => summary(policy)],
    ], app.policies ?? [], 'Without a policy nobody gets in.')),
    h('div', {class: 'two'},
      card('Who would be let in?', h('p', {class: 'quiet small'}, 'By the policies in force, as the person signed in last.'),
        h('form', {class: 'bar', role: 'search', onsubmit: act(async event => {
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
        ['Leads to', (leads ?? []).map((lead, i) => [i > 0 && ', ', h('a', {href: lead.href}, lead.words)])],
        ['Session', app.session_duration],
        ['Sign-in', (app.allowed_idps ?? []).length === 0 ? 'every identity provider' : app.allowed_idps.map(idp => nameOf('idp', idp)).join(', ')],
        ['Audience', app.aud && h('code', {}, app.aud)],
        ['Id', h('code', {}, app.id)],
        ['Tags', (app.tags ?? []).join(', ')],
      ]), HOSTED.includes(app.type) && !app.domain.includes('*') && h('p', {}, h('a', {class: 'button soft tiny', href: address(app.domain), target: '_blank', rel: 'noreferrer'}, 'Open it'))),
      HOSTED.includes(app.type) && card('At the application', h('p', {class: 'quiet small'}, 'Every request carries Cf-Access-Jwt-Assertion. Check it with any JWT library:'),
        h('h3', {}, 'Audience'), copyable(app.aud ?? '', 'Audience'), h('h3', {}, 'Keys'), copyable(team() + '/cdn-cgi/access/certs', 'Keys'),
        h('h3', {}, 'Issuer'), copyable(team(), 'Issuer')))].flat().filter(Boolean);
}

/** The one application that is the list of all others; made here, when there is none. */
async function launcher() {
  const found = (await api.all('access/apps')).find(app => app.type === 'app_launcher');
  if (!found) {
    return [await applicationForm(null, '', 'app_launcher'), h('p', {class: 'note'},
      `It is the page at ${team()}, where people sign in once and find what they may open. Its policies say who gets it.`)].flat();
  }
  location.replace('#/applications/' + found.id);
  return [heading('App launcher')];
}

/** The address of a host, perhaps with a path, as browsers reach this gateway. */
function address(domain) {
  const [host, ...path] = domain.split('/');
  return `${location.protocol}//${host}${location.port && ':' + location.port}/${path.join('/')}`;
}

/** Where its host leads: origins of the gateway's own, or a tunnel; null when this token may not see that. */
async function leadsTo(app) {
  const host = (app.domain ?? '').split('/')[0];
  if (!host || !HOSTED.includes(app.type)) return null;
  try {
    return (await api.get('sallyport/hostnames' + query({hostname: host}))).map(({origin, tunnel}) => origin
      ? {href: '#/origins/' + origin.id, words: origin.service} : {href: '#/tunnels/' + tunnel.id, words: `the tunnel ${tunnel.name}`});
  } catch (refused) {
    if (refused.status === 401 || refused.status >= 500) throw refused;
    return null;
  }
}
