// Access groups: rules under one name, which policies then ask for.
import {api, query} from './api.js';
import {act, card, field, flush, h, heading, input, refresh, say, table} from './dom.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {ruleLists} from './policy-form.js';
import {summary} from './policies.js';
import {ask, consequences, losers, removeAndLeave, saver} from './saving.js';

const BLANK = {name: '', include: [{email_domain: {domain: ''}}]};
const READ_ONLY = ['id', 'uid', 'created_at', 'updated_at'];

export async function groups(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/groups' + query({...filter, per_page: PER_PAGE}));
  return [heading('Groups', {about: `${counted(info, 'group', 'groups')}. Policies ask for them by the rule “Access group”.`,
    actions: [h('a', {class: 'button', href: '#/groups/new'}, 'New group')]}),
    (filter.search || info.total_pages > 1) && finder('#/groups', 'Name', filter),
    flush(null, table('Groups', [
      ['Name', group => h('a', {href: '#/groups/' + group.id}, group.name)],
      ['Rules', summary],
    ], result, filter.search ? 'No group fits.' : 'There are no groups yet. A group says once who belongs to it, and every policy can ask for it.')),
    pager('#/groups', filter, info)].filter(Boolean);
}

export async function group(id) {
  const fresh = id === 'new';
  const place = fresh ? 'access/groups' : 'access/groups/' + encodeURIComponent(id);
  const read = fresh ? {value: BLANK} : await api.read(place);
  const found = read.value;
  const name = input('group_name', {value: found.name, required: true, maxlength: '350'});
  const rules = ruleLists(found);
  const box = h('div', {role: 'status'});
  const body = () => ({...Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.includes(key))), ...rules.body(), name: name.value.trim()});
  const stored = async saved => {
    if (fresh) location.hash = '#/groups/' + saved.id;
    else await refresh();
    say('Saved. It is in force at everybody’s next request.');
  };
  const over = fresh ? null : saver(place, read, box, stored);
  const save = act(async () => { await (over ? over(body()) : stored(await api.post(place, body()))); });
  const preview = act(async () => { box.replaceChildren(...await consequences({groups: [{...body(), id: found.id}]})); });
  const remove = act(async () => {
    if (!await ask(`Delete the group ${found.name}?`, 'Delete the group', await losers({delete: {groups: [found.id]}}),
      h('p', {class: 'quiet small'}, 'While a policy or another group names it, it is not deleted, and you are told which.'))) return;
    await removeAndLeave(place, read.tag, '#/groups');
  });
  return [heading(fresh ? 'New group' : found.name, {back: ['Groups', '#/groups'],
    actions: !fresh && [h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    h('form', {class: 'card', onsubmit: save}, field('Name', name, true), rules.controls, box,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, fresh ? 'Create' : 'Save'),
        !fresh && h('button', {type: 'button', class: 'soft', onclick: preview}, 'Who would notice?'),
        h('a', {class: 'button soft', href: '#/groups'}, 'Cancel'))),
    !fresh && card('As the API has it', h('details', {}, h('summary', {}, 'JSON'), h('pre', {tabindex: '0'}, JSON.stringify(found, null, 2))))].filter(Boolean);
}
