// People who have signed in, and their sessions.
import {api, query} from './api.js';
import {act, card, flush, h, heading, list, say, table, time} from './dom.js';
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
    ], result, 'Nobody fits.')), pager('#/people', filter, info)].filter(Boolean);
}

export async function person(id) {
  const place = 'access/users/' + encodeURIComponent(id);
  const [user, sessions, failed] = await Promise.all([
    api.get(place), api.some(place + '/active_sessions'), api.some(place + '/failed_logins')]);
  return [heading(user.name || user.email, {back: ['People', '#/people'], about: user.email, actions: [
    h('a', {class: 'button soft', href: '#/decisions' + query({email: user.email})}, 'Decisions'),
    h('button', {type: 'button', class: 'danger', onclick: act(async () => {
      if (!confirm(`End every session of ${user.email}? They can sign in again, if a policy lets them.`)) return;
      await api.post('access/organizations/revoke_user', {email: user.email});
      dispatchEvent(new Event('sallyport:changed'));
      say('Every session has ended.');
    })}, 'End all sessions')]}),
    flush('Sessions', table('Sessions', [
      ['Began', session => time(new Date(session.metadata.iat * 1000).toISOString())],
      ['Ends', session => new Date(session.expiration * 1000).toLocaleString()],
      ['Applications', session => Object.values(session.metadata.apps ?? {}).map(app => app.name).join(', ')],
    ], sessions, 'No session is open.')),
    flush('Failed sign-ins', table('Failed sign-ins', [
      ['When', each => time(each.metadata.datetime)],
      ['Application', each => each.metadata.app_name ?? ''],
      ['Ray id', each => h('code', {}, each.metadata.ray_id ?? '')],
    ], failed, 'None.')),
    card('Details', list([['Id', h('code', {}, user.id)], ['Last sign-in', time(user.last_successful_login)]]))];
}
