// Tunnels, their connectors and the names that lead to them.
import {api, query} from './api.js';
import {act, bytes, card, chip, copyable, field, flush, h, handOver, heading, input, list, refresh, say, table, time, values} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {ask, offer, removeAndLeave} from './saving.js';
import {routesCard} from './tunnel-routes.js';

const COLOURS = {healthy: 'good', degraded: 'warn', down: 'bad'};
export const status = word => chip(word ?? 'inactive', COLOURS[word] ?? '');

export async function tunnels(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('cfd_tunnel' + query({is_deleted: false, name_prefix: filter.search, page: filter.page, per_page: PER_PAGE}));
  const made = h('div', {role: 'status'}, fresh);
  fresh = null;
  return [heading('Tunnels', {about: counted(info, 'tunnel', 'tunnels')}),
    card('New tunnel', h('form', {class: 'bar', onsubmit: act(async event => {
      const tunnel = await api.post('cfd_tunnel', {name: values(event.target).name, config_src: 'cloudflare'});
      try {
        fresh = run(tunnel.id, await api.get(`cfd_tunnel/${tunnel.id}/token`));
      } finally {
        // Also whoever may not read its token sees that it is there.
        await refresh();
      }
      say(`Created. The command that runs a connector of “${tunnel.name}” is on this page.`);
    })}, field('Name', input('name', {required: true, maxlength: '100'})), h('button', {type: 'submit'}, 'Create')), made),
    (filter.search || info.total_pages > 1) && finder('#/tunnels', 'Name begins with', filter),
    flush(null, table('Tunnels', [
      ['Name', tunnel => h('a', {href: '#/tunnels/' + tunnel.id}, tunnel.name)],
      ['Status', tunnel => status(tunnel.status)],
      ['Connections', tunnel => String(tunnel.connections?.length ?? 0)],
      ['Made', tunnel => time(tunnel.created_at)],
    ], result, filter.search ? 'No tunnel fits.' : 'There are no tunnels yet.')), pager('#/tunnels', filter, info)].filter(Boolean);
}

/** How to run the tunnel that was just made stays on the screen when the list is drawn anew. */
let fresh = null;

/** An address that means nothing to a shell: a connector tells it, and an admin copies it there. */
const PLAIN = /^https?:\/\/[\w.:[\]-]+$/;

/** What a connector needs beside its token when the tunnel has no rules here; empty when it has. */
function ownRules(found, rules) {
  if (found.remote_config) return '';
  if (rules.length > 1) return '--config config.yml ';
  return `--url ${PLAIN.test(rules[0]?.service) ? rules[0].service : 'http://localhost:3000'} `;
}

function run(id, token, own = '') {
  const {edge, authority} = JSON.parse(atob(token)).sallyport ?? {};
  return [h('p', {class: 'note warn'}, 'The token is a secret: who has it can answer for this tunnel.'),
    h('p', {}, 'Run one of these beside the application. It dials out; no port has to be opened.'),
    own && h('p', {}, 'This tunnel is configured by its connectors. Each must be given its rules, with --url or --config; without them it answers every request with 503.'),
    copyable(`TUNNEL_TOKEN=${token} sallyport tunnel ${own}run`, 'Command that runs the connector'),
    h('details', {}, h('summary', {}, 'With cloudflared instead'),
      copyable(`TUNNEL_TOKEN=${token} cloudflared tunnel ${`--edge ${edge ?? location.hostname + ':7844'} `.repeat(5)}${authority ? '--cacert tunnel-ca.pem ' : ''}${own}run`, 'The same with cloudflared'),
      authority && h('p', {}, h('button', {type: 'button', class: 'soft', onclick: () => handOver('tunnel-ca.pem', new Blob([authority]))}, 'Download tunnel-ca.pem'), ' It must trust it.'),
      h('p', {class: 'quiet small'}, '--edge is where the tunnel port of the gateway is reached; it stands there five times because cloudflared keeps no more connections than it is named addresses, and needs one to spare.')),
    location.hash !== '#/tunnels/' + id && h('p', {}, h('a', {href: '#/tunnels/' + id}, 'To the tunnel'))].filter(Boolean);
}

/** How the API says that the DNS server has not taken a name, before why. */
const PENDING = 'pending: ';

export async function tunnel(id) {
  const place = 'cfd_tunnel/' + encodeURIComponent(id);
  const [{value: found, tag}, activity, configuration, aliases] = await Promise.all([
    api.read(place), api.some('sallyport/tunnels/' + encodeURIComponent(id) + '/activity'),
    api.read(place + '/configurations').catch(refused => refused.status === 401 ? Promise.reject(refused) : {value: {}}), aliasesOf(id)]);
  const connectors = activity?.connectors ?? [];
  const connections = connectors.flatMap(connector => (connector.conns ?? []).map(each => ({...each, connector: connector.id})));
  const token = h('div', {role: 'status'});
  const remove = act(async () => {
    const live = connections.length;
    if (!await ask(`Delete ${found.name}?`, 'Delete the tunnel', h('p', {class: 'note bad'}, live > 0
      ? `${live} ${live === 1 ? 'connection ends' : 'connections end'} now, and nothing reaches what lies behind.` : 'Nothing is connected. Its token is worth nothing afterwards.'))) return;
    await removeAndLeave(place + '?cascade=true', tag, '#/tunnels');
  });
  const rename = act(async () => {
    const name = input('new_name', {value: found.name, required: true, maxlength: '100'});
    if (!await offer('Rename the tunnel', 'Rename', field('Name', name))) return;
    await api.patch(place, {name: name.value.trim()}, tag);
    await refresh();
    say('Renamed.');
  });
  const drop = connector => act(async () => {
    if (!await ask('Disconnect this connector?', 'Disconnect', h('p', {}, 'If it still runs it comes back at once, with the present configuration and token.'))) return;
    await api.remove(`${place}/connections?client_id=${connector.id}`);
    await refresh();
    say('Disconnected.');
  });
  return [heading(found.name, {back: ['Tunnels', '#/tunnels'], actions: [status(found.status),
    h('button', {type: 'button', class: 'soft', onclick: rename}, 'Rename'), h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    connectors.length === 0 && card('Run a connector', ...command(place, found, configuration, token)),
    routesCard(place, found, configuration),
    aliases.length > 0 && flush('Hosts by DNS alias', table('Hosts by DNS alias', [
      ['Host', record => [h('a', {href: `#/zones/${record.zone}/${record.id}`}, record.name),
        record.meta?.dns_update?.startsWith(PENDING) && h('p', {class: 'note warn'}, `Not at the DNS server yet: ${record.meta.dns_update.slice(PENDING.length)}. The gateway keeps trying.`)].filter(Boolean)],
      ['Made', record => time(record.created_on)],
    ], aliases, '')),
    flush('Connectors', table('Connectors', [
      ['Connector', connector => h('code', {}, connector.id)],
      ['Version', connector => [connector.version, connector.arch].filter(Boolean).join(', ')],
      ['Since', connector => time(connector.run_at)],
      ['Connections', connector => String(connector.conns?.length ?? 0)],
      ['', connector => h('button', {type: 'button', class: 'danger tiny', 'aria-label': 'Disconnect ' + connector.id, onclick: drop(connector)}, 'Disconnect')],
    ], connectors, 'No connector runs.')),
    flush('Connections', table('Connections', [
      ['Connection', each => [each.conn_index, ' of ', h('code', {}, each.connector.slice(0, 8))]],
      ['From', each => [each.origin_ip, each.protocol].filter(Boolean).join(', ')],
      ['Since', each => time(each.opened_at)],
      ['Round trip', each => each.rtt_ms === null || each.rtt_ms === undefined ? '' : each.rtt_ms.toFixed(1) + ' ms'],
      ['Requests', each => String(each.requests)],
      ['To, from visitors', each => `${bytes(each.bytes_in)}, ${bytes(each.bytes_out)}`],
      ['Last error', each => each.last_error ? [each.last_error, ', ', time(each.last_error_at)] : ''],
    ], connections, 'Nothing is connected.')),
    flush('Disconnected', table('Disconnected', [
      ['When', each => time(each.closed_at)],
      ['Connection', each => [each.conn_index, ' of ', h('code', {}, each.client_id.slice(0, 8))]],
      ['From', each => [each.origin_ip, each.protocol].filter(Boolean).join(', ')],
      ['Why', each => each.reason],
      ['Last error', each => each.last_error ? [each.last_error, ', ', time(each.last_error_at)] : ''],
    ], (activity?.disconnects ?? []).slice(0, 20), 'No connection has ended in the last 30 days.')),
    h('div', {class: 'two'}, connectors.length > 0 && card('Run another connector', ...command(place, found, configuration, token)),
    card('Details', list([['Id', h('code', {}, found.id)], ['Configured', found.remote_config ? 'here' : 'by the connector’s file'],
      ['Made', time(found.created_at)], ['Configuration', configuration.value?.version !== undefined && 'version ' + configuration.value.version]])))].filter(Boolean);
}

/** The hosts that DNS records lead here, as {@code route dns} makes them; nothing where the token may not read those. */
async function aliasesOf(id) {
  try {
    const zone = await api.zone();
    const records = await api.some(`/zones/${zone}/dns_records` + query({type: 'CNAME', search: id, per_page: 1000}));
    return records.filter(record => record.content.startsWith(id + '.')).map(record => ({...record, zone}));
  } catch (refused) {
    if (refused.status === 403 || refused.status === 404) return [];
    throw refused;
  }
}

/** The command with its secret, shown when it is asked for. */
function command(place, found, configuration, token) {
  return [h('p', {class: 'quiet small'}, 'Beside the application, on any machine that reaches it and can dial out.'),
    h('button', {type: 'button', class: 'soft', onclick: act(async () => {
      token.replaceChildren(...run(found.id, await api.get(place + '/token'), ownRules(found, configuration.value?.config?.ingress ?? [])));
    })}, 'Show the command'), token];
}
