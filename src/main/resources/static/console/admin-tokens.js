// Tokens of the API and of this console: who may see and change the configuration.
import {api, query} from './api.js';
import {act, card, check, chip, copyable, field, flush, h, heading, hint, input, refresh, say, select, table, time, values} from './dom.js';
import {asked, finder, pager, PER_PAGE} from './lists.js';
import {ask, saver} from './saving.js';

const ROLES = [['editor', 'Editor: reads and changes the configuration'], ['auditor', 'Auditor: reads, and sees no secrets'], ['owner', 'Owner: everything, these tokens too']];
const LIVES = [['90', '90 days'], ['30', '30 days'], ['365', 'a year'], ['', 'ever']];
const COLOURS = {active: 'good', revoked: 'bad', expired: 'warn'};
const DAY = 24 * 3600 * 1000;

/** What a token can be limited to, as the API calls it. */
const KINDS = ['applications', 'policies', 'groups', 'identity_providers', 'service_tokens', 'certificates', 'keys', 'users', 'organization', 'tags', 'custom_pages',
  'lists', 'origins', 'tunnels', 'tunnel_tokens', 'dns', 'logs', 'audit', 'configuration', 'api_tokens'];
const ACCESS = [['', 'nothing'], ['read', 'read'], ['write', 'read and change']];

/** Which kinds, and what of them; none chosen is all that the role allows. */
function scopeChoice(scopes) {
  const named = kind => kind.replaceAll('_', ' ');
  const kinds = [...KINDS, ...Object.keys(scopes ?? {}).filter(kind => !KINDS.includes(kind))];
  const each = kinds.map(kind => [kind, select('scope_' + kind, ACCESS, scopes?.[kind] ?? '')]);
  const grid = h('fieldset', {class: 'scopes'}, h('legend', {}, 'Only these'), each.map(([kind, choice]) => field(named(kind), choice)));
  const limited = check('Limit it to some kinds of things', {checked: Boolean(scopes), onchange: event => { grid.hidden = !event.target.checked; }});
  grid.hidden = !scopes;
  const box = limited.querySelector('input');
  return {
    controls: [h('p', {}, limited), hint(box, 'A token never does more than its role allows.'), grid],
    value: () => {
      if (!box.checked) return null;
      const chosen = each.filter(([, choice]) => choice.value).map(([kind, choice]) => [kind, choice.value]);
      if (chosen.length === 0) throw new Error('Choose at least one kind of thing, or do not limit the token.');
      return Object.fromEntries(chosen);
    },
  };
}

export async function adminTokens(parameters) {
  const filter = asked(parameters);
  const {result, result_info: info} = await api.page('sallyport/tokens' + query({...filter, per_page: PER_PAGE}));
  const made = h('div', {role: 'status'});
  const secret = token => made.replaceChildren(h('p', {class: 'note warn'}, `This is the only time the token “${token.name}” is shown.`),
    copyable(token.token, 'Token'));
  const scopes = scopeChoice(null);
  const create = act(async event => {
    const {name, role, days} = values(event.target);
    const only = scopes.value();
    const token = await api.post('sallyport/tokens', {name, role, ...(only && {scopes: only}), ...(days && {expires_at: new Date(Date.now() + Number(days) * DAY).toISOString()})});
    keep = token;
    await refresh();
    say('Created. The token is on this page, and never shown again.');
  });
  if (keep) {
    secret(keep);
    keep = null;
  }
  return [heading('API tokens', {about: 'They open the API, the command line and this console. Give every person and every program one of its own: the audit log then says who it was.'}),
    card('New API token', h('form', {onsubmit: create}, h('div', {class: 'bar'}, field('Name', input('name', {required: true, maxlength: '350'})),
      field('Role', select('role', ROLES, 'editor')), field('Valid for', select('days', LIVES, '90'))), scopes.controls,
      h('p', {}, h('button', {type: 'submit'}, 'Create'))), made),
    (filter.search || info.total_pages > 1) && finder('#/admin-tokens', 'Name', filter),
    flush(null, table('API tokens', [
      ['Name', token => token.status === 'active' ? h('a', {href: '#/admin-tokens/' + token.id}, token.name) : token.name],
      ['Role', token => [token.role, token.scopes && h('span', {class: 'quiet'}, ', only ' + Object.entries(token.scopes).map(([kind, access]) =>
        `${kind.replaceAll('_', ' ')} (${access})`).join(', '))]],
      ['Status', token => chip(token.status, COLOURS[token.status] ?? '')],
      ['Ends', token => token.expires_at ? time(token.expires_at) : 'never'],
      ['Last used', token => time(token.last_used_at)],
      ['', actions],
    ], result, filter.search ? 'No token fits.' : 'There is none yet but the first one, from the data directory. Make one for yourself and use that.')),
    pager('#/admin-tokens', filter, info), bootstrap(result)].filter(Boolean);
}

let keep = null;

/** One token: what it is called and what it may do. The token itself is shown when it is made, and never again. */
export async function adminToken(id) {
  const place = 'sallyport/tokens/' + encodeURIComponent(id);
  const read = await api.read(place);
  const found = read.value;
  const name = input('name', {value: found.name, required: true, maxlength: '350'});
  const role = select('role', ROLES, found.role);
  const scopes = scopeChoice(found.scopes);
  const box = h('div', {role: 'status'});
  const save = saver(place, read, box, () => {
    location.hash = '#/admin-tokens';
    say('Saved. It counts from its next request on.');
  });
  return [heading(found.name, {back: ['API tokens', '#/admin-tokens'], about: found.expires_at ? ['Ends ', time(found.expires_at), '.'] : 'It has no end.'}),
    h('form', {class: 'card', onsubmit: act(async () => { await save({name: name.value.trim(), role: role.value, scopes: scopes.value()}); })},
      field('Name', name, true), field('Role', role, true), scopes.controls, box,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, 'Save'), h('a', {class: 'button soft', href: '#/admin-tokens'}, 'Cancel')))];
}

function actions(token) {
  const place = 'sallyport/tokens/' + token.id;
  const doing = (title, yes, words, step, done) => act(async () => {
    if (!await ask(title, yes, h('p', {class: 'note bad'}, words), h('p', {class: 'quiet small'}, 'It was last used ', time(token.last_used_at), '.'))) return;
    keep = await step();
    await refresh();
    say(done);
  });
  const button = (label, kind, onclick) => h('button', {type: 'button', class: kind + ' tiny', 'aria-label': `${label} ${token.name}`, onclick}, label);
  return h('div', {class: 'row'}, token.status === 'active' && [
    button('New secret', 'soft', doing(`Make a new secret for ${token.name}?`, 'Make it', 'The present one ends at once.',
      () => api.post(place + '/rotate'), 'This is the new one.')),
    button('Revoke', 'danger', doing(`Revoke ${token.name}?`, 'Revoke the token', 'Whoever uses it is refused at once. It stays in this list.', async () => {
      await api.post(place + '/revoke');
      return null;
    }, 'Revoked.'))],
  token.status !== 'active' && button('Delete', 'danger', doing(`Delete ${token.name}?`, 'Delete the token', 'It goes from this list; the audit log keeps what it did.', async () => {
    await api.remove(place);
    return null;
  }, 'Deleted.')));
}

/** The token of the first start knows no name and no end. */
function bootstrap(tokens) {
  if (!tokens.some(token => token.role === 'owner' && token.status === 'active' && !token.scopes)) return null;
  return card('The first token', h('p', {}, 'The one in the data directory has no name and no end. Once every owner has a token of their own it can be retired.'),
    h('button', {type: 'button', class: 'danger', onclick: act(async () => {
      if (!await ask('Retire the first token?', 'Retire it', h('p', {class: 'note bad'}, 'Whoever still uses it, this tab perhaps, is refused at once, and nothing brings it back.'))) return;
      await api.post('sallyport/tokens/bootstrap/retire');
      await refresh();
      say('Retired.');
    })}, 'Retire it'));
}
