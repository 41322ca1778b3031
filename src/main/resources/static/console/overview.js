// What is going on, at a glance.
import {api, query} from './api.js';
import {card, flush, h, heading, input, table, time, values} from './dom.js';
import {status} from './tunnels.js';

export async function overview() {
  const since = new Date(Date.now() - 24 * 3600 * 1000).toISOString();
  const [applications, tunnels, healthy, denied, allowed, people, warnings, providers] = await Promise.all([
    api.page('access/apps?per_page=1'),
    api.page('cfd_tunnel?is_deleted=false&per_page=8'),
    api.page('cfd_tunnel?is_deleted=false&status=healthy&per_page=1'),
    api.page(`sallyport/decisions?outcome=denied&since=${since}&per_page=8`),
    api.page(`sallyport/decisions?outcome=allowed&since=${since}&per_page=1`),
    api.page('access/users?per_page=1'),
    api.some('sallyport/lint'),
    api.page('access/identity_providers?per_page=1'),
  ].map(promise => promise.catch(refused => {
    if (refused.status === 401 || refused.status >= 500) throw refused;
    return {result: [], result_info: {}};
  })));
  return [
    heading('Overview', {about: 'The last 24 hours'}),
    asking(),
    firstSteps(providers.result_info.total_count, applications.result_info.total_count, tunnels.result_info.total_count, people.result_info.total_count),
    h('div', {class: 'grid'},
      tile('#/applications', applications.result_info.total_count, applications.result_info.total_count === 1 ? 'application' : 'applications'),
      tile('#/people', people.result_info.total_count, people.result_info.total_count === 1 ? 'person' : 'people'),
      tile('#/tunnels', `${healthy.result_info.total_count ?? '–'}/${tunnels.result_info.total_count ?? '–'}`, 'tunnels healthy'),
      tile('#/decisions?outcome=allowed', many(allowed.result_info), 'let in'),
      tile('#/decisions?outcome=denied', many(denied.result_info), 'refused')),
    warnings.length > 0 && flush('Most likely not meant', table('Warnings', [
      ['What', warning => h('a', {href: '#/applications/' + warning.application_id}, warning.application)],
      ['Why', warning => warning.reason],
      ['Advice', warning => warning.advice ?? ''],
    ], warnings.slice(0, 8), '')),
    h('div', {class: 'two'},
      flush('Recently refused', table('Recent refusals', [
        ['Who', row => h('a', {href: '#/decisions/' + row.id}, row.who.email ?? row.who.service_token_name ?? row.request.client_ip ?? 'unknown')],
        ['Application', row => row.application.name],
        ['When', row => time(row.at)],
      ], denied.result, 'Nobody was refused.')),
      flush('Tunnels', table('Tunnels', [
        ['Name', tunnel => h('a', {href: '#/tunnels/' + tunnel.id}, tunnel.name)],
        ['Status', tunnel => status(tunnel.status)],
        ['Connections', tunnel => String(tunnel.connections?.length ?? 0)],
      ], tunnels.result, 'There are no tunnels yet.'))),
  ].filter(Boolean);
}

/** Two clicks from a question to its answer. */
function asking() {
  return h('form', {class: 'ask', role: 'search', onsubmit: event => {
    event.preventDefault();
    const {email} = values(event.currentTarget);
    location.hash = /^[0-9a-f]{16}$/i.test(email) ? '#/decisions/' + email.toLowerCase() : '#/decisions' + query({email, outcome: 'denied'});
  }}, input('email', {type: 'search', required: true, 'aria-label': 'Who was refused', placeholder: 'Who was refused? Name, email, or the ray id from the page'}),
  h('button', {type: 'submit'}, 'Show why'));
}

/** What is still missing before anybody comes in; nothing once somebody has. */
function firstSteps(providers, applications, tunnels, people) {
  if (providers === undefined || applications === undefined || people > 0) return null;
  const step = (done, href, words, why) => h('li', {class: done ? 'done' : ''}, h('a', {href}, words), h('span', {class: 'quiet small'}, ' — ' + why));
  return card('First steps', h('ol', {}, step(providers > 0, '#/providers/new', 'Add an identity provider', 'where people sign in; one-time codes by email do to begin with'),
    step(applications > 0, '#/applications/new', 'Add an application', 'its host, who gets in, and where it is reached'),
    step(tunnels > 0, '#/tunnels', 'Or reach it through a tunnel', 'when it is on a network the gateway cannot dial into')));
}

/** A number that is short also where counting stopped. */
const many = info => info.at_least ? info.total_count.toLocaleString('en') + '+' : info.total_count;

function tile(href, number, words) {
  return h('a', {class: 'card tile', href}, h('b', {}, String(number ?? '–')), h('span', {}, words));
}
