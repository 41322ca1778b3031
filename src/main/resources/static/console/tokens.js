// Service tokens: what programs come in with. The secret is shown once.
import {api, query} from './api.js';
import {act, card, chip, copyable, field, flush, h, heading, input, refresh, say, select, table, time, values} from './dom.js';
import {asked, finder, pager, PER_PAGE} from './lists.js';
import {ask, offer} from './saving.js';

export async function tokens(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('access/service_tokens' + query({...filter, per_page: PER_PAGE}));
  const made = fresh ?? h('div', {role: 'status'});
  fresh = null;
  return [heading('Service tokens'),
    card('New service token', h('form', {class: 'bar', onsubmit: act(async event => {
      const token = await api.post('access/service_tokens', values(event.target));
      show(made, token);
      fresh = made;
      await refresh();
      say('Created. Its secret is on this page, and never shown again.');
    })}, field('Name', input('name', {required: true, maxlength: '350'})),
    field('Valid for', select('duration', [['8760h', 'a year'], ['2160h', '90 days'], ['720h', '30 days'], ['forever', 'ever']], '8760h')),
    h('button', {type: 'submit'}, 'Create')), made),
    (filter.search || info.total_pages > 1) && finder('#/tokens', 'Name', filter),
    flush(null, table('Service tokens', [
      ['Name', token => token.name],
      ['Client id', token => h('code', {}, token.client_id)],
      ['Ends', token => token.expires_at ? time(token.expires_at) : 'never'],
      ['Last used', token => time(token.last_seen_at)],
      ['Status', token => token.enabled === false ? chip('switched off', 'bad') : token.expires_at && new Date(token.expires_at) < new Date() ? chip('expired', 'warn') : chip('on', 'good')],
      ['', token => h('div', {class: 'row'}, changes(token, made), h('button', {type: 'button', class: 'danger tiny', 'aria-label': 'Delete ' + token.name, onclick: act(async () => {
        const {tag} = await api.read('access/service_tokens/' + token.id);
        if (!await ask(`Delete ${token.name}?`, 'Delete the token', h('p', {class: 'note bad'}, 'Programs that use it are refused at once.'),
          h('p', {class: 'quiet small'}, 'It was last used ', time(token.last_seen_at), '.'))) return;
        await api.remove('access/service_tokens/' + token.id, tag);
        await refresh();
        say('Deleted.');
      })}, 'Delete'))],
    ], result, filter.search ? 'No token fits.' : 'There are no service tokens yet.')), pager('#/tokens', filter, info)].filter(Boolean);
}

/** What was just made stays on the screen when the list is drawn anew; nothing else keeps it. */
let fresh = null;

function show(made, token) {
  made.replaceChildren(h('p', {class: 'note warn'}, `This is the only time the secret of “${token.name}” is shown.`),
    copyable(`CF-Access-Client-Id: ${token.client_id}\nCF-Access-Client-Secret: ${token.client_secret}`, 'Headers to send'),
    copyable(`curl -H 'CF-Access-Client-Id: ${token.client_id}' -H 'CF-Access-Client-Secret: ${token.client_secret}' https://APPLICATION/`, 'A request with it'));
}

/** New secrets, a longer life, and a switch. A step answers what to say of it, or null when it was called off. */
function changes(token, made) {
  const place = 'access/service_tokens/' + token.id;
  const button = (label, step) => h('button', {type: 'button', class: 'soft tiny', 'aria-label': `${label}: ${token.name}`, onclick: act(async () => {
    const done = await step();
    if (!done) return;
    await refresh();
    say(done);
  })}, label);
  return [
    button('New secret', async () => {
      const grace = select('grace', [['0', 'at once'], ['1', 'in an hour'], ['24', 'in a day'], ['168', 'in a week']], '24');
      if (!await offer(`Make a new secret for ${token.name}?`, 'Make it', h('p', {}, 'The client id stays. Programs need the new secret before the old one ends.'),
        field('The old one ends', grace))) return null;
      const hours = Number(grace.value);
      show(made, await api.post(place + '/rotate', hours ? {previous_client_secret_expires_at: new Date(Date.now() + hours * 3600_000).toISOString()} : {}));
      fresh = made;
      return 'This is the new secret. It is on this page, and never shown again.';
    }),
    token.expires_at && button('Extend', async () => {
      await api.post(place + '/refresh');
      return 'Extended by as long as it was made for.';
    }),
    token.enabled === false ? button('Switch on', async () => {
      await api.put(place, {enabled: true});
      return 'On again.';
    }) : button('Switch off', async () => {
      if (!await ask(`Switch ${token.name} off?`, 'Switch it off', h('p', {class: 'note bad'}, 'Programs that use it are refused at once, until it is switched on again.'))) return null;
      await api.put(place, {enabled: false});
      return 'Off.';
    }),
  ];
}
