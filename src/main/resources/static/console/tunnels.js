// Tunnels, their connectors and the names that lead to them.
import {api, query} from './api.js';
import {act, card, chip, copyable, field, flush, h, heading, input, list, table, time, values} from './dom.js';
import {asked, finder, pager, PER_PAGE} from './lists.js';

const COLOURS = {healthy: 'good', degraded: 'warn', down: 'bad'};
export const status = word => chip(word ?? 'inactive', COLOURS[word] ?? '');

export async function tunnels(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('cfd_tunnel' + query({is_deleted: false, name_prefix: filter.search, page: filter.page, per_page: PER_PAGE}));
  const made = h('div', {role: 'status'});
  return [heading('Tunnels'),
    card('New tunnel', h('form', {class: 'bar', onsubmit: act(async event => {
      const tunnel = await api.post('cfd_tunnel', {name: values(event.target).name, config_src: 'cloudflare'});
      made.replaceChildren(...run(tunnel.id, await api.get(`cfd_tunnel/${tunnel.id}/token`)));
    })}, field('Name', input('name', {required: true, maxlength: '100'})), h('button', {type: 'submit'}, 'Create')), made),
    (filter.search || info.total_pages > 1) && finder('#/tunnels', 'Name begins with', filter),
    flush(null, table('Tunnels', [
      ['Name', tunnel => h('a', {href: '#/tunnels/' + tunnel.id}, tunnel.name)],
      ['Status', tunnel => status(tunnel.status)],
      ['Connections', tunnel => String(tunnel.connections?.length ?? 0)],
      ['Made', tunnel => time(tunnel.created_at)],
    ], result, filter.search ? 'No tunnel fits.' : 'There are no tunnels yet.')), pager('#/tunnels', filter, info)].filter(Boolean);
}

function run(id, token) {
  return [h('p', {class: 'note warn'}, 'The token is a secret: who has it can answer for this tunnel.'),
    copyable('sallyport tunnel run --token ' + token, 'Command that runs the connector'),
    h('p', {}, h('a', {href: '#/tunnels/' + id}, 'To the tunnel'))];
}

export async function tunnel(id) {
  const place = 'cfd_tunnel/' + encodeURIComponent(id);
  const [found, activity, configuration] = await Promise.all([
    api.get(place), api.some('sallyport/tunnels/' + encodeURIComponent(id) + '/activity'), api.some(place + '/configurations')]);
  const connectors = activity?.connectors ?? [];
  const connections = connectors.flatMap(connector => (connector.conns ?? []).map(each => ({...each, connector: connector.id})));
  const token = h('div', {role: 'status'});
  const routes = configuration?.config?.ingress ?? [];
  return [heading(found.name, {back: ['Tunnels', '#/tunnels'], actions: [status(found.status)]}),
    flush('Routes', table('Routes', [
      ['Host', route => h('span', {class: 'mono'}, (route.hostname ?? 'everything else') + (route.path ?? ''))],
      ['Goes to', route => h('span', {class: 'mono'}, route.service)],
    ], routes, 'No host leads here yet, or the connector’s own file says which do.')),
    flush('Connectors', table('Connectors', [
      ['Connector', connector => h('code', {}, connector.id)],
      ['Version', connector => [connector.version, connector.arch].filter(Boolean).join(', ')],
      ['Since', connector => time(connector.run_at)],
      ['Connections', connector => String(connector.conns?.length ?? 0)],
    ], connectors, 'No connector runs.')),
    flush('Connections', table('Connections', [
      ['Connection', each => [each.conn_index, ' of ', h('code', {}, each.connector.slice(0, 8))]],
      ['From', each => [each.origin_ip, each.protocol].filter(Boolean).join(', ')],
      ['Since', each => time(each.opened_at)],
      ['Round trip', each => each.rtt_ms === null ? '' : each.rtt_ms.toFixed(1) + ' ms'],
      ['Requests', each => String(each.requests)],
      ['Bytes in, out', each => each.bytes_in + ', ' + each.bytes_out],
      ['Last error', each => each.last_error ? [each.last_error, ', ', time(each.last_error_at)] : ''],
    ], connections, 'Nothing is connected.')),
    flush('Disconnected', table('Disconnected', [
      ['When', each => time(each.closed_at)],
      ['Connection', each => [each.conn_index, ' of ', h('code', {}, each.client_id.slice(0, 8))]],
      ['From', each => [each.origin_ip, each.protocol].filter(Boolean).join(', ')],
      ['Why', each => each.reason],
      ['Last error', each => each.last_error ? [each.last_error, ', ', time(each.last_error_at)] : ''],
    ], (activity?.disconnects ?? []).slice(0, 20), 'No connection has ended in the last 30 days.')),
    h('div', {class: 'two'}, card('Run a connector', h('button', {type: 'button', class: 'soft', onclick: act(async () => {
      token.replaceChildren(...run(found.id, await api.get(place + '/token')));
    })}, 'Show the command'), token),
    card('Details', list([['Id', h('code', {}, found.id)], ['Configured', found.remote_config ? 'here' : 'by the connector’s file'],
      ['Made', time(found.created_at)], ['Configuration', configuration?.version !== undefined && 'version ' + configuration.version]])))];
}
