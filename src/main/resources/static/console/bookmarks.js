// Links in the launcher to what is not behind this gate.
import {h} from './dom.js';
import {choices} from './names.js';
import {text} from './fields.js';
import {linked, resource} from './resource.js';

const address = domain => /^https?:\/\//.test(domain) ? domain : 'https://' + domain;

export const bookmarks = resource({
  place: 'access/apps', listed: 'access/bookmarks', route: 'bookmarks', title: 'Bookmarks', one: 'bookmark', many: 'bookmarks', whole: true,
  about: 'Links in the launcher to what is not behind this gate. They open nothing that was closed.',
  columns: [['Name', linked('bookmarks')], ['Leads to', each => h('a', {href: address(each.domain), rel: 'noreferrer'}, each.domain)],
    ['In the launcher', each => each.app_launcher_visible === false ? 'hidden' : 'shown']],
  fields: () => [
    text('domain', 'Leads to', {must: true, placeholder: 'https://status.example.com'}),
    text('logo_url', 'Address of its picture', {kind: 'url', placeholder: 'https://…'}),
    {member: 'app_launcher_visible', label: 'Shown in the launcher', kind: 'flag'},
    {member: 'tags', label: 'Tags', kind: 'picks', options: choices('tag'), nothing: 'There are no tags yet.', more: true},
  ],
  blank: {type: 'bookmark', app_launcher_visible: true},
  empty: 'There are no bookmarks yet.',
  loss: 'It goes from everybody’s launcher.',
});
