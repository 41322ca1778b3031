// Service tokens: what programs come in with. The secret is shown once.
import {api, query} from './api.js';
import {act, card, copyable, field, flush, h, heading, input, say, select, table, time, values} from './dom.js';
import {asked, finder, pager, PER_PAGE} from './lists.js';
import {ask} from './saving.js';

export async function tokens(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/service_tokens' + query({...filter, per_page: PER_PAGE}));
  const made = h('div', {role: 'status'});
  return [heading('Service tokens'),
    card('New service token', h('form', {class: 'bar', onsubmit: act(async event => {
      const token = await api.post('access/service_tokens', values(event.target));
      event.target.reset();
      made.replaceChildren(h('p', {class: 'note warn'}, 'This is the only time the secret is shown.'),
        copyable(`CF-Access-Client-Id: ${token.client_id}\nCF-Access-Client-Secret: ${token.client_secret}`, 'Headers to send'));
    })}, field('Name', input('name', {required: true, maxlength: '350'})),
    field('Valid for', select('duration', [['8760h', 'a year'], ['2160h', '90 days'], ['720h', '30 days'], ['forever', 'ever']], '8760h')),
    h('button', {type: 'submit'}, 'Create')), made),
    (filter.search || info.total_pages > 1) && finder('#/tokens', 'Name', filter),
    flush(null, table('Service tokens', [
      ['Name', token => token.name],
      ['Client id', token => h('code', {}, token.client_id)],
      ['Ends', token => token.expires_at ? time(token.expires_at) : 'never'],
      ['Last used', token => time(token.last_seen_at)],
      ['', token => h('button', {type: 'button', class: 'danger tiny', onclick: act(async () => {
        const {tag} = await api.read('access/service_tokens/' + token.id);
        if (!await ask(`Delete ${token.name}?`, 'Delete the token', h('p', {class: 'note bad'}, 'Programs that use it are refused at once.'),
          h('p', {class: 'quiet small'}, 'It was last used ', time(token.last_seen_at), '.'))) return;
        await api.remove('access/service_tokens/' + token.id, tag);
        dispatchEvent(new Event('sallyport:changed'));
        say('Deleted.');
      })}, 'Delete')],
    ], result, filter.search ? 'No token fits.' : 'There are no service tokens yet.')), pager('#/tokens', filter, info)].filter(Boolean);
}
