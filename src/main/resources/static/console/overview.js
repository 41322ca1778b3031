// What is going on, at a glance.
import {api} from './api.js';
import {flush, h, heading, outcome, table, time} from './dom.js';
import {status} from './tunnels.js';

export async function overview() {
  const since = new Date(Date.now() - 24 * 3600 * 1000).toISOString();
  const [applications, tunnels, denied, allowed, people, warnings] = await Promise.all([
    api.page('access/apps?per_page=1'),
    api.some('cfd_tunnel?is_deleted=false&per_page=1000'),
    api.page(`sallyport/decisions?outcome=denied&since=${since}&per_page=8`),
    api.page(`sallyport/decisions?outcome=allowed&since=${since}&per_page=1`),
    api.page('access/users?per_page=1'),
    api.some('sallyport/lint'),
  ].map(promise => promise.catch(refused => {
    if (refused.status === 401 || refused.status >= 500) throw refused;
    return {result: [], result_info: {}};
  })));
  const healthy = tunnels.filter(tunnel => tunnel.status === 'healthy').length;
  return [
    heading('Overview', {about: 'The last 24 hours'}),
    h('div', {class: 'grid'},
      tile('#/applications', applications.result_info.total_count, 'applications'),
      tile('#/people', people.result_info.total_count, people.result_info.total_count === 1 ? 'person' : 'people'),
      tile('#/tunnels', `${healthy}/${tunnels.length}`, 'tunnels healthy'),
      tile('#/decisions?outcome=allowed', allowed.result_info.total_count, 'let in'),
      tile('#/decisions?outcome=denied', denied.result_info.total_count, 'refused')),
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
        ['', row => outcome(row.outcome)],
      ], denied.result, 'Nobody was refused.')),
      flush('Tunnels', table('Tunnels', [
        ['Name', tunnel => h('a', {href: '#/tunnels/' + tunnel.id}, tunnel.name)],
        ['Status', tunnel => status(tunnel.status)],
        ['Connections', tunnel => String(tunnel.connections?.length ?? 0)],
      ], tunnels.slice(0, 8), 'There are no tunnels yet.'))),
  ].filter(Boolean);
}

function tile(href, number, words) {
  return h('a', {class: 'card tile', href}, h('b', {}, String(number ?? '–')), h('span', {}, words));
}
