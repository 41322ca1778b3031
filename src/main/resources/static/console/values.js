// Value lists, which rules name: many addresses or networks under one name.
import {api} from './api.js';
import {time} from './dom.js';
import {text} from './fields.js';
import {linked, resource} from './resource.js';

const TYPES = [['EMAIL', 'Email addresses'], ['IP', 'IP addresses and ranges']];

/** Takes the list as one text, a value a line; what stands behind a # is its description. */
const lines = items => (items ?? []).map(item => item.description ? `${item.value} # ${item.description}` : item.value);

export const valueLists = resource({
  place: 'gateway/lists', route: 'lists', title: 'Lists', one: 'list', many: 'lists',
  about: 'Rules of policies and groups name them.', empty: 'There are no lists yet. A list holds many addresses that a rule then names at once.',
  loss: 'Its values go with it.',
  columns: [
    ['Name', linked('lists')],
    ['Type', list => TYPES.find(([key]) => key === list.type)?.[1] ?? list.type],
    ['Values', list => String(list.count)],
    ['Changed', list => time(list.updated_at)],
  ],
  fields: (found, fresh) => {
    if (!fresh) found.items = lines(found.items);
    return [fresh && {member: 'type', label: 'What is in it', kind: 'choice', options: TYPES}, text('description', 'Description'),
      {member: 'items', label: 'Values, one a line', kind: 'lines', about: 'Behind a # stands a note about the value.', placeholder: 'ann@example.com # until June'}]
      .filter(Boolean);
  },
  checked: body => ({...body, items: (body.items ?? []).map(line => {
    const [value, ...note] = line.split('#');
    return note.length > 0 ? {value: value.trim(), description: note.join('#').trim()} : {value: value.trim()};
  })}),
  /** Without items the API keeps those there are; a list that is to be empty has them taken out. */
  write: async (place, body, tag) => {
    const saved = await api.put(place, body, tag);
    if (body.items.length > 0 || !(saved.value.items?.length > 0)) return saved;
    return api.patch(place, {remove: saved.value.items.map(item => item.value)}, saved.tag);
  },
});

