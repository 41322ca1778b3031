// What holds for the whole organisation: its name and look, how long people stay signed in, and what happens to unknown hosts.
import {api} from './api.js';
import {act, card, field, h, heading, input, list, refresh, say, time} from './dom.js';
import {controlled, fill, laidOut, text} from './fields.js';
import {choices, learn, team} from './names.js';
import {ask, offer, saver} from './saving.js';

const SESSIONS = [['', 'as every application says'], ['1h', 'an hour'], ['8h', '8 hours'], ['24h', 'a day'], ['168h', 'a week'], ['720h', '30 days']];
const READ_ONLY = ['created_at', 'updated_at'];

const LOOK = [
  text('login_design.header_text', 'Line under the name', {placeholder: 'Welcome'}),
  text('login_design.footer_text', 'Line at the foot', {placeholder: 'Trouble signing in? Call 4711.'}),
  text('login_design.logo_path', 'Address of the logo', {kind: 'url', placeholder: 'https://…'}),
  {member: 'login_design.background_color', label: 'Background', kind: 'colour', otherwise: '#f3f4f7'},
  {member: 'login_design.text_color', label: 'Text on it', kind: 'colour', otherwise: '#1b2029'},
];

const rules = pages => [
  {member: 'session_duration', label: 'Stay signed in at most', kind: 'choice', options: SESSIONS},
  {member: 'auto_redirect_to_identity', label: 'With one identity provider, go straight to it', kind: 'flag'},
  {member: 'deny_unmatched_requests', label: 'Refuse hosts that no application guards', kind: 'choice', options: [['', 'yes, as usual'], ['true', 'yes'], ['false', 'no: let everybody through without a sign-in']]},
  {member: 'custom_pages.identity_denied', label: 'Page for who is refused after signing in', kind: 'choice', options: [['', 'ours'], ...pages('identity_denied')]},
  {member: 'custom_pages.forbidden', label: 'Page for who is refused without signing in', kind: 'choice', options: [['', 'ours'], ...pages('forbidden')]},
  {member: 'is_ui_read_only', label: 'Changes only by file or API', kind: 'flag', about: 'A note for other admins; who may change what is a matter of their tokens.'},
];

export async function settings() {
  await learn();
  const [read, keys] = await Promise.all([api.read('access/organizations'), api.some('access/keys')]);
  const found = {...read.value, deny_unmatched_requests: spelt(read.value.deny_unmatched_requests)};
  const name = input('name', {value: found.name ?? '', required: true, maxlength: '350'});
  const look = controlled(LOOK, found, true);
  const held = controlled(rules(type => choices('page', page => page.type === type)), found, true);
  const box = h('div', {role: 'status'});
  const preview = h('div', {class: 'preview', 'aria-hidden': 'true'});
  const body = () => {
    const body = fill([...look, ...held], Object.fromEntries(Object.entries(structuredClone(found)).filter(([key]) => !READ_ONLY.includes(key))), null);
    return {...body, name: name.value.trim(), login_design: given(body.login_design), custom_pages: given(body.custom_pages), deny_unmatched_requests: {true: true, false: false}[body.deny_unmatched_requests] ?? null};
  };
  const draw = () => show(preview, body());
  draw();
  const save = saver('access/organizations', read, box, async () => {
    await refresh();
    say('Saved. The pages look so from the next request on.');
  });
  const submit = act(async () => {
    const wanted = body();
    if (wanted.deny_unmatched_requests === false && found.deny_unmatched_requests !== 'false' && !await ask('Let everybody through?', 'Let them through',
      h('p', {class: 'note bad'}, 'Every host that no application guards is then open to the whole world, without a sign-in.'))) return;
    await save(wanted);
  });
  return [heading('Settings', {about: 'What holds for the whole organisation'}),
    h('form', {onsubmit: submit, oninput: draw},
      h('div', {class: 'two'}, card('Name and look', field('Name', name, true), look.map(each => laidOut(each, true))),
        h('div', {}, card('How the sign-in page looks', preview), card('What holds everywhere', held.map(each => laidOut(each, true))))),
      box, h('div', {class: 'row'}, h('button', {type: 'submit'}, 'Save'))),
    card('Domains and keys', list([
      ['Team domain', h('code', {}, found.auth_domain)],
      ['Key set', h('code', {}, team() + '/cdn-cgi/access/certs')],
      ['Signing key made', keys.last_key_rotation_at && time(keys.last_key_rotation_at)],
      ['Next one in', keys.days_until_next_rotation !== undefined && `${Math.round(keys.days_until_next_rotation)} days`],
    ]), h('p', {class: 'quiet small'}, 'The team domain is in every redirect URL and token, so it is changed by the API alone, with change_auth_domain=true.'),
    h('button', {type: 'button', class: 'soft', onclick: act(rotate)}, 'Make a new signing key'))];
}

/** Without what is not given; null when nothing is. */
function given(object) {
  const kept = Object.entries(object ?? {}).filter(([, value]) => value !== null);
  return kept.length > 0 ? Object.fromEntries(kept) : null;
}

const spelt = value => value === undefined || value === null ? '' : String(value);

async function rotate() {
  if (!await offer('Make a new signing key?', 'Make it', h('p', {}, 'New tokens are signed by it at once. Tokens of the present key stay valid until they end, and both are published.'))) return;
  await api.post('access/keys/rotate');
  await refresh();
  say('Made.');
}

/** A sketch of the sign-in page. Colours go by the object model, which the content security policy lets. */
function show(preview, {name, login_design: design}) {
  preview.style.background = design?.background_color ?? '';
  preview.style.color = design?.text_color ?? '';
  preview.replaceChildren(h('strong', {}, name), h('span', {}, design?.header_text ?? ''),
    h('div', {class: 'card'}, h('b', {}, 'Sign in to Wiki'), h('span', {class: 'button'}, 'Continue with Keycloak')),
    h('small', {}, design?.footer_text ?? ''));
}
