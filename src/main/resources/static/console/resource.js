// The pages of a simple kind of thing: its list, and the form that makes, changes and deletes one.
import {api, query} from './api.js';
import {act, field, flush, h, heading, input, say, table} from './dom.js';
import {controlled, fill, laidOutAll} from './fields.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';
import {learn} from './names.js';
import {ask, removeAndLeave, saver} from './saving.js';

const READ_ONLY = ['id', 'uid', 'aud', 'created_at', 'updated_at', 'app_count', 'count', 'fingerprint', 'expires_on', 'crl_next_update', 'warnings',
  'created_on', 'modified_on', 'comment_modified_on', 'tags_modified_on', 'proxiable', 'meta'];

/**
 * Both views.
 *
 * @param kind what there is to know: {@code place} in the API, {@code route} of the console, {@code title}, {@code one} and {@code many} in
 *     words, {@code about}, {@code columns}, {@code fields} (a list, or a function of the object), {@code empty}, {@code blank}, {@code loss}
 *     (what deleting does), {@code search} (the parameter that searches), {@code name} (a label in place of Name, or null without one),
 *     {@code back} and {@code actions} (of the list's head), {@code listed} (where the list is, when not at {@code place}), {@code whole} (a list without pages), {@code more} (further cards of one that is there) and {@code checked} (a last look at a body before it is sent)
 */
export function resource(kind) {
  return {all: parameters => list(kind, parameters), each: id => edit(kind, id)};
}

const idOf = each => each.id ?? each.uid ?? each.name;

async function list(kind, parameters) {
  await learn();
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page((kind.listed ?? kind.place) + (kind.whole ? '' : query({page: filter.page, [kind.search ?? 'search']: filter.search, per_page: PER_PAGE})));
  const known = info ?? {total_count: result.length, total_pages: 1};
  const searched = filter.search !== '';
  return [heading(kind.title, {back: kind.back, about: `${counted(known, kind.one, kind.many)}. ${kind.about}`,
    actions: [h('a', {class: 'button', href: `#/${kind.route}/new`}, 'New ' + kind.one), ...kind.actions ?? []]}),
    (searched || known.total_pages > 1) && finder('#/' + kind.route, 'Name', filter),
    flush(null, table(kind.title, kind.columns, result, searched ? `No ${kind.one} fits.` : kind.empty)),
    pager('#/' + kind.route, filter, known)].filter(Boolean);
}

/** The link of a row to its own page. */
export const linked = route => each => h('a', {href: `#/${route}/` + encodeURIComponent(idOf(each))}, each.name || each.hostname || idOf(each));

async function edit(kind, id) {
  await learn();
  const fresh = id === 'new';
  const place = fresh ? kind.place : kind.place + '/' + encodeURIComponent(id);
  const read = fresh ? {value: kind.blank ?? {}} : await api.read(place);
  const found = structuredClone(read.value);
  const label = kind.name === undefined ? 'Name' : kind.name;
  const name = label && input('name', {value: found.name ?? '', required: true, maxlength: '350'});
  const given = typeof kind.fields === 'function' ? kind.fields(found, fresh) : kind.fields;
  const controls = controlled(given, found, !fresh);
  const box = h('div', {role: 'status'});
  const body = () => {
    const kept = Object.fromEntries(Object.entries(structuredClone(found)).filter(([key]) => !READ_ONLY.includes(key)));
    const body = fill(controls, kept);
    if (name) body.name = name.value.trim();
    return kind.checked?.(body, found) ?? body;
  };
  const stored = saved => {
    say(['Saved.', ...(saved.warnings ?? []).map(warning => warning.message)].join(' '));
    location.hash = '#/' + kind.route;
  };
  const over = fresh ? null : saver(place, read, box, stored, kind.write);
  const save = act(async () => { await (over ? over(body()) : stored(await api.post(place, body()))); });
  const title = fresh ? 'New ' + kind.one : found.name || found.hostname || id;
  const remove = act(async () => {
    if (!await ask(`Delete ${title}?`, 'Delete the ' + kind.one, h('p', {}, kind.loss),
      h('p', {class: 'quiet small'}, 'While something names it, it is not deleted, and you are told what.'))) return;
    await removeAndLeave(place, read.tag, '#/' + kind.route);
  });
  return [heading(title, {back: [kind.title, '#/' + kind.route], about: !fresh && kind.one,
    actions: !fresh && [h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    h('form', {class: 'card', onsubmit: save}, name && field(label, name, true), laidOutAll(controls, !fresh), box,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, fresh ? 'Create' : 'Save'),
        h('a', {class: 'button soft', href: '#/' + kind.route}, 'Cancel'))),
    !fresh && await kind.more?.(found, place)].flat().filter(Boolean);
}

