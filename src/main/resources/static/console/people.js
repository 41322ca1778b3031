// People who have signed in, and their sessions.
import {api, query} from './api.js';
import {act, card, flush, h, heading, json, list, refresh, say, table, time} from './dom.js';
import {ask, removeAndLeave} from './saving.js';
import {asked, counted, finder, pager, PER_PAGE} from './lists.js';

export async function people(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/users' + query({...filter, per_page: PER_PAGE}));
  return [heading('People', {about: `${counted(info, 'person has', 'people have')} signed in`}),
    finder('#/people', 'Name or email', filter),
    flush(null, table('People', [
      ['Email', user => h('a', {href: '#/people/' + user.id}, user.email)],
      ['Name', user => user.name ?? ''],
      ['Last sign-in', user => time(user.last_successful_login)],
    ], result, filter.search ? 'Nobody fits.' : 'Nobody has signed in yet.')), pager('#/people', filter, info)].filter(Boolean);
}

export async function person(id) {
  const place = 'access/users/' + encodeURIComponent(id);
  const [{value: user, tag}, sessions, failed] = await Promise.all([
    api.read(place), api.some(place + '/active_sessions'), api.some(place + '/failed_logins')]);
  const seen = sessions.length > 0 ? await api.some(place + '/last_seen_identity') : {};
  const yesterday = new Date(Date.now() - 48 * 3600_000).toISOString();
  const end = act(async () => {
    if (!await ask(`End every session of ${user.email}?`, 'End all sessions',
      h('p', {}, 'Wherever they are signed in they are asked to sign in again, and come in if a policy lets them. To keep them out, change the policy too.'))) return;
    await api.post('access/organizations/revoke_user', {email: user.email});
    await refresh();
    say('Every session has ended.');
  });
  const remove = act(async () => {
    if (!await ask(`Delete ${user.email}?`, 'Delete the person', h('p', {class: 'note bad'}, 'Their sessions end and their app passes with them.'),
      h('p', {class: 'quiet small'}, 'Who signs in again is a new person with the same address. What was decided and changed stays in the logs.'))) return;
    await removeAndLeave(place, tag, '#/people');
  });
  return [heading(user.name || user.email, {back: ['People', '#/people'], about: user.email, actions: [
    h('a', {class: 'button', href: '#/decisions' + query({email: user.email, outcome: 'denied', since: yesterday})}, 'Why were they refused?'),
    h('a', {class: 'button soft', href: '#/decisions' + query({email: user.email})}, 'Decisions'),
    h('button', {type: 'button', class: 'danger', onclick: end}, 'End all sessions'),
    h('button', {type: 'button', class: 'danger', onclick: remove}, 'Delete')]}),
    flush('Sessions', table('Sessions', [
      ['Began', session => time(new Date(session.metadata.iat * 1000).toISOString())],
      ['Ends', session => time(new Date(session.expiration * 1000).toISOString())],
      ['What', session => pass(session) ?? 'a sign-in'],
      ['Applications', session => Object.values(session.metadata.apps ?? {}).map(app => app.name).join(', ')],
    ], sessions, 'No session is open.')),
    flush('Failed sign-ins', table('Failed sign-ins', [
      ['When', each => time(each.metadata.datetime)],
      ['Application', each => each.metadata.app_name ?? ''],
      ['Ray id', each => h('a', {class: 'mono', href: '#/decisions/' + (each.metadata.ray_id ?? '')}, each.metadata.ray_id ?? '')],
    ], failed, 'None.')),
    h('div', {class: 'two'}, card('Details', list([['Id', h('code', {}, user.id)], ['Last sign-in', time(user.last_successful_login)]])),
      identity(seen))].filter(Boolean);
}

function pass({metadata: {sallyport_app_pass: pass}}) {
  return pass && ['app pass ', h('strong', {}, pass.name), ', used ', time(pass.last_used_at)];
}

/** What the identity provider said of them last: what rules look at. */
function identity(seen) {
  if (!seen.email) return null;
  return card('As they signed in last', list([['From', [seen.ip, seen.geo?.country].filter(Boolean).join(', ')], ['By', seen.idp?.type],
    ['Signed in', seen.iat && time(new Date(seen.iat * 1000).toISOString())]]),
  h('details', {}, h('summary', {}, 'All that was said'), json(seen)));
}
