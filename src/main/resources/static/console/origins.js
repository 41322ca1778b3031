// Where the gateway itself sends who was let in; what lies behind a tunnel stands with the tunnel.
import {h, time} from './dom.js';
import {text} from './fields.js';
import {linked, resource} from './resource.js';

export const origins = resource({
  place: 'sallyport/origins', route: 'origins', title: 'Origins', one: 'origin', many: 'origins', search: 'hostname', name: null,
  about: 'Hosts that the gateway reaches by itself, without a tunnel.',
  empty: 'There are none yet. An origin says where a host leads; what lies behind a tunnel stands with the tunnel.',
  loss: 'Nothing leads to this host any more: visitors who may come in get a page that says so.',
  columns: [
    ['Host', origin => [linked('origins')(origin), h('span', {class: 'mono'}, origin.path ?? '')]],
    ['Goes to', origin => h('span', {class: 'mono'}, origin.service)],
    ['Changed', origin => time(origin.updated_at)],
  ],
  fields: [
    text('hostname', 'Host', {must: true, placeholder: 'wiki.example.com'}),
    text('path', 'Path', {placeholder: 'everything', about: 'Only when other paths of the host go elsewhere. It begins with a slash.'}),
    text('service', 'Goes to', {kind: 'url', must: true, placeholder: 'http://10.0.0.5:3000'}),
    text('origin_request.httpHostHeader', 'Host header it is told', {more: true}),
    text('origin_request.originServerName', 'Name its certificate must have', {more: true}),
    text('origin_request.caPool', 'File of the authorities it is checked against', {more: true}),
    {member: 'origin_request.noTLSVerify', label: 'Believe any certificate', kind: 'flag', more: true, about: 'Whoever stands between can then read and change everything.'},
    {member: 'origin_request.http2Origin', label: 'Speak HTTP/2', kind: 'flag', more: true},
  ],
  checked: body => ({...body, path: body.path ?? ''}),
});
