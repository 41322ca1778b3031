// Tags, by which people find applications in the launcher.
import {time} from './dom.js';
import {linked, resource} from './resource.js';

export const tags = resource({
  place: 'access/tags', route: 'tags', title: 'Tags', one: 'tag', many: 'tags',
  about: 'People filter the launcher by them.', empty: 'There are no tags yet. Give some to applications, and the launcher can be filtered by them.',
  loss: 'The launcher no longer offers it.', fields: [],
  columns: [['Name', linked('tags')], ['Applications', tag => String(tag.app_count)], ['Made', tag => time(tag.created_at)]],
});
