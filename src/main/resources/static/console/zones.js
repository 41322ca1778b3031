// Zones and their DNS records: the names that clients and tools write.
import {api} from './api.js';
import {act, h, time} from './dom.js';
import {text} from './fields.js';
import {ask, removeAndLeave} from './saving.js';
import {resource} from './resource.js';

const TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SRV', 'CAA'].map(type => [type, type]);
const OF_HOSTS = ['A', 'AAAA', 'CNAME'];
const TUNNEL = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\./;

const called = (zone, everything) => everything ? 'All domains' : zone.name;

/** @param whole the id of the zone that stands for all domains: there is always one, and it is nobody's to change */
const list = whole => resource({
  place: '/zones', route: 'zones', title: 'Zones', one: 'zone', many: 'zones',
  about: 'A zone of a domain takes names relative to it, as stock tools write them; all domains together have one of their own, which takes whole names.',
  empty: 'There are no zones.',
  columns: [
    ['Name', zone => h('a', {href: '#/zones/' + zone.id}, called(zone, zone.id === whole))],
    ['Takes names', zone => zone.id === whole ? 'whole' : 'whole, or relative to ' + zone.name],
    ['Made', zone => time(zone.created_on)],
  ],
  name: null,
  fields: [text('name', 'Domain', {must: true, placeholder: 'example.com', about: 'It cannot change later.'})],
});

/** The records of a zone. */
const records = (zone, everything) => resource({
  place: `/zones/${zone.id}/dns_records`, route: 'zones/' + zone.id, title: called(zone, everything), one: 'record', many: 'records', name: null,
  back: ['Zones', '#/zones'], actions: everything ? [] : [h('button', {type: 'button', class: 'danger', onclick: remove(zone)}, 'Delete zone')],
  about: 'An alias of a tunnel’s name leads its host into the tunnel; all other records are kept for the tools that wrote them.',
  empty: 'There are no records yet.',
  loss: 'Where it leads a host into a tunnel, nothing reaches what lies behind by that name.',
  columns: [
    ['Name', record => h('a', {href: `#/zones/${zone.id}/${record.id}`}, record.name)],
    ['Type', record => record.type],
    ['Leads to', record => leadsTo(record)],
    ['Note', record => record.comment ?? ''],
    ['Changed', record => time(record.modified_on)],
  ],
  blank: {type: 'A', ttl: 1},
  fields: found => [
    {member: 'type', label: 'Type', kind: 'choice', options: TYPES},
    text('name', 'Name', {must: true, placeholder: everything ? 'app.example.com' : 'app', about: everything ? 'The whole name.' : `Whole, or relative to ${zone.name}; @ is the domain itself.`}),
    text('content', 'Leads to', {must: true, placeholder: '192.0.2.1', about: 'An address, a name, or the text of the record, as the type has it.'}),
    text('priority', 'Priority', {kind: 'number', min: 0, max: 65535, more: true, opened: found.priority !== undefined, about: 'For MX, SRV and URI.'}),
    text('ttl', 'Seconds it may be kept', {kind: 'number', min: 1, max: 86400, more: true, about: '1 leaves it to the gateway.'}),
    text('comment', 'Note', {more: true, opened: Boolean(found.comment)}),
    {member: 'tags', label: 'Tags', kind: 'list', more: true, opened: found.tags?.length > 0, placeholder: 'team:web'},
  ],
  // What is written by parts would win over the text that was changed here.
  checked: (body, found) => {
    if (body.content !== found.content || body.type !== found.type) delete body.data;
    if (!OF_HOSTS.includes(body.type)) delete body.proxied;
    return body;
  },
});

function leadsTo(record) {
  if (TUNNEL.test(record.content)) return h('a', {href: '#/tunnels/' + record.content.slice(0, 36)}, 'a tunnel');
  return h('span', {class: 'mono'}, record.priority === undefined ? record.content : `${record.priority} ${record.content}`);
}

function remove(zone) {
  return act(async () => {
    if (!await ask(`Delete ${zone.name}?`, 'Delete the zone', h('p', {}, 'Its records stay, under their whole names, in the zone of all domains. Tools that name this zone by its id find nothing.'))) return;
    await removeAndLeave('/zones/' + zone.id, undefined, '#/zones');
  });
}

export const zones = {
  all: async parameters => list(await api.zone()).all(parameters),
  each: async (id, parameters, record) => {
    if (id === 'new') return list().each(id);
    const [zone, whole] = await Promise.all([api.get('/zones/' + encodeURIComponent(id)), api.zone()]);
    const pages = records(zone, zone.id === whole);
    return record ? pages.each(record) : pages.all(parameters);
  },
};
