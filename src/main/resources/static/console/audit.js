// Who changed what.
import {api, query} from './api.js';
import {act, chip, field, flush, h, handOver, heading, input, json, moment, select, table, time, values} from './dom.js';
import {differences} from './merging.js';
import {pager, sinceChoice} from './lists.js';

const KINDS = ['application', 'policy', 'group', 'list', 'tag', 'identity_provider', 'user', 'service_token', 'certificate', 'tunnel', 'tunnel_configuration',
  'origin', 'dns_record', 'custom_page', 'organization', 'api_token', 'keys', 'workload_issuer'];
const ACTIONS = ['create', 'replace', 'update', 'patch', 'settings', 'delete', 'rotate', 'refresh', 'revoke', 'revoke_tokens', 'drop_connections'];
const called = object => object?.name || object?.hostname || object?.email || undefined;
const words = word => word.replaceAll('_', ' ');

export async function audit(parameters) {
  const filter = Object.fromEntries(['actor', 'action', 'resource_kind', 'resource_id', 'since', 'until', 'page'].map(name => [name, parameters.get(name) ?? '']));
  const [{result, result_info: info}, state] = await Promise.all([
    api.page('sallyport/audit' + query({...filter, per_page: 50})), api.some('sallyport/audit/state')]);
  const among = (list, chosen) => [['', 'all'], ...(chosen && !list.includes(chosen) ? [...list, chosen] : list).map(each => [each, words(each)])];
  return [heading('Audit log', {about: `${info.total_count} changes, each chained to the one before`,
    actions: h('button', {type: 'button', class: 'soft', onclick: act(() => download(filter))}, filter.since ? 'Export these' : 'Export')}),
    state.status === 'tampered' && h('p', {class: 'note bad', role: 'alert'}, `The chain is broken: ${state.finding}. Somebody changed the log in the database; keep a copy and look into it.`),
    h('form', {class: 'bar', role: 'search', onsubmit: event => {
      event.preventDefault();
      location.hash = '#/audit' + query(values(event.currentTarget));
    }}, field('Who', input('actor', {type: 'search', value: filter.actor, placeholder: 'name of the token'})),
    field('What', select('action', among(ACTIONS, filter.action), filter.action)),
    field('Kind', select('resource_kind', among(KINDS, filter.resource_kind), filter.resource_kind)),
    field('Id', input('resource_id', {type: 'search', value: filter.resource_id})), field('Since', sinceChoice(filter.since)),
    h('button', {type: 'submit'}, 'Search')),
    flush(null, table('Changes', [
      ['What', row => [chip(words(row.action)), ' ', words(row.resource_kind), ' ', h('strong', {}, called(row.after) ?? called(row.before) ?? '')]],
      ['Who', row => [row.actor, h('span', {class: 'quiet small'}, row.source_ip ? ' from ' + row.source_ip : '')]],
      ['When', row => time(row.at)],
      ['Changed', row => changed(row)],
    ], result, 'Nothing fits.')),
    pager('#/audit', filter, info, ['Newer', 'Older'])].filter(Boolean);
}

/** What is different, in names; all of it on demand. */
function changed(row) {
  const names = row.before && row.after ? differences(row.before, row.after, row.before).map(each => each.label) : [];
  return h('details', {}, h('summary', {}, names.length > 0 ? names.slice(0, 4).join(', ') + (names.length > 4 ? ', …' : '') : 'show'),
    h('p', {}, moment(row.at)), json(names.length > 0 ? {before: row.before, after: row.after} : row.after ?? row.before));
}

/** The trail as a file for {@code sallyport audit verify}: one unbroken part of the chain, so only times narrow it. */
async function download({since, until}) {
  handOver('audit.jsonl', await api.file('sallyport/audit/export' + query({since, until})));
}
