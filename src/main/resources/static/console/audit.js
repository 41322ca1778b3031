// Who changed what.
import {api, query} from './api.js';
import {chip, field, flush, h, heading, input, json, table, time, values} from './dom.js';
import {pager} from './lists.js';

export async function audit(parameters) {
  const filter = Object.fromEntries(['actor', 'resource_kind', 'resource_id', 'page'].map(name => [name, parameters.get(name) ?? '']));
  const {result, result_info: info} = await api.page('sallyport/audit' + query({...filter, per_page: 50}));
  return [heading('Audit log', {about: `${info.total_count} changes, each chained to the one before`}),
    h('form', {class: 'bar', role: 'search', onsubmit: event => {
      event.preventDefault();
      location.hash = '#/audit' + query(values(event.currentTarget));
    }}, field('Kind', input('resource_kind', {value: filter.resource_kind, placeholder: 'application'})),
    field('Id', input('resource_id', {value: filter.resource_id})), field('Actor', input('actor', {value: filter.actor})),
    h('button', {type: 'submit'}, 'Search')),
    flush(null, table('Changes', [
      ['What', row => [chip(row.action.replaceAll('_', ' ')), ' ', row.resource_kind.replaceAll('_', ' '), ' ',
        h('strong', {}, row.after?.name ?? row.before?.name ?? '')]],
      ['Who', row => row.actor],
      ['When', row => time(row.at)],
      ['Details', row => h('details', {}, h('summary', {}, 'show'), json({before: row.before, after: row.after}))],
    ], result, 'Nothing fits.')),
    pager('#/audit', filter, info, ['Newer', 'Older'])].filter(Boolean);
}
