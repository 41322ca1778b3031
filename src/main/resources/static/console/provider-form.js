// Making and changing an identity provider: what to enter there, and what comes back from there.
import {api} from './api.js';
import {act, card, check, copyable, field, h, heading, hint, input, say, select} from './dom.js';
import {saver} from './saving.js';

export const TYPES = [
  ['oidc', 'OpenID Connect'], ['saml', 'SAML 2.0'], ['google', 'Google'], ['google-apps', 'Google Workspace'], ['azureAD', 'Microsoft Entra ID'],
  ['okta', 'Okta'], ['onelogin', 'OneLogin'], ['pingone', 'PingOne'], ['centrify', 'CyberArk (Centrify)'], ['github', 'GitHub'], ['facebook', 'Facebook'],
  ['linkedin', 'LinkedIn'], ['yandex', 'Yandex'], ['onetimepin', 'One-time PIN by email'],
];

export const typeName = type => TYPES.find(([key]) => key === type)?.[1] ?? type;

/** A field: member of config, what it is called, and how it is entered; {@code must} when the type cannot do without. */
const text = (member, label, more = {}) => ({member, label, kind: 'text', ...more});
const must = {must: true};
const CLIENT = [text('client_id', 'Client id', must), {member: 'client_secret', label: 'Client secret', kind: 'secret'}];
const CLAIMS = [text('claims', 'Further claims', {kind: 'list', about: 'Those that policies look at; separated by commas.'}),
  text('email_claim_name', 'Claim that holds the email', {about: 'When it is not “email”, or when the provider does not say email_verified and every address in it can be trusted.'})];

const FIELDS = {
  oidc: [...CLIENT, text('issuer', 'Issuer', {kind: 'url', about: 'Its discovery document then gives the three addresses below.'}),
    text('scopes', 'Scopes', {kind: 'list', about: 'Empty: the usual ones.'}), ...CLAIMS,
    {member: 'pkce_enabled', label: 'With PKCE', kind: 'flag'},
    text('auth_url', 'Authorization endpoint', {kind: 'url', more: true}), text('token_url', 'Token endpoint', {kind: 'url', more: true}),
    text('certs_url', 'Key set (JWKS)', {kind: 'url', more: true})],
  saml: [text('metadata_url', 'Metadata address', {kind: 'url', about: 'What it says fills in the fields below, at every save.'}),
    text('metadata_xml', 'Or the metadata itself', {kind: 'lines', once: true}),
    text('email_attribute_name', 'Attribute that holds the email', {about: 'When the name id does not.'}),
    text('attributes', 'Further attributes', {kind: 'list', about: 'Those that policies look at; separated by commas.'}),
    {member: 'sign_request', label: 'Sign requests', kind: 'flag'}, {member: 'force_authn', label: 'Ask to sign in anew every time', kind: 'flag'},
    text('issuer_url', 'Entity id', {more: true}), text('sso_target_url', 'Single sign-on address', {kind: 'url', more: true}),
    text('idp_public_certs', 'Certificates', {kind: 'certificates', more: true})],
  google: [...CLIENT, ...CLAIMS],
  'google-apps': [...CLIENT, text('apps_domain', 'Workspace domain', must), ...CLAIMS],
  azureAD: [...CLIENT, text('directory_id', 'Directory (tenant) id', must), {member: 'support_groups', label: 'Read groups', kind: 'flag'}, ...CLAIMS],
  okta: [...CLIENT, text('okta_account', 'Okta address', {must: true, about: 'Such as https://example.okta.com'}),
    text('authorization_server_id', 'Authorization server id'), {member: 'api_token', label: 'API token, for people in more than 100 groups', kind: 'secret'}, ...CLAIMS],
  onelogin: [...CLIENT, text('onelogin_account', 'OneLogin address', must), ...CLAIMS],
  pingone: [...CLIENT, text('ping_env_id', 'Environment id', must), ...CLAIMS],
  centrify: [...CLIENT, text('centrify_account', 'Tenant address', must), text('centrify_app_id', 'Application id', must), ...CLAIMS],
  github: CLIENT, facebook: CLIENT, linkedin: CLIENT, yandex: CLIENT, onetimepin: [],
};

const READ_ONLY = ['id', 'uid', 'created_at', 'updated_at'];

/** What to enter at the provider, each to be copied. */
export function setupCard(setup) {
  if (!setup) return null;
  return card('At the provider', h('p', {}, setup.what_to_do),
    setup.redirect_url && setup.type !== 'saml' && [h('h3', {}, 'Redirect URL'), copyable(setup.redirect_url, 'Redirect URL')],
    setup.type === 'saml' && [h('h3', {}, 'Reply URL (assertion consumer service)'), copyable(setup.redirect_url, 'Reply URL'),
      h('h3', {}, 'Entity id (audience)'), copyable(setup.entity_id, 'Entity id'), h('h3', {}, 'Metadata'), copyable(setup.metadata_url, 'Metadata')],
    setup.scopes?.length > 0 && [h('h3', {}, 'Scopes'), copyable(setup.scopes.join(' '), 'Scopes')]);
}

/** The view; without a provider, that of a new one. */
export async function providerForm(read, wanted) {
  const setups = await api.some('sallyport/doctor/identity_providers');
  const type = read?.value.type ?? (FIELDS[wanted] ? wanted : 'oidc');
  const found = read?.value ?? {type, name: '', config: {}};
  const fields = FIELDS[type] ?? CLIENT;
  const box = h('div', {});
  const name = input('name', {value: found.name || (read ? '' : typeName(type)), required: true, maxlength: '350'});
  const picker = select('type', TYPES, type);
  picker.addEventListener('change', () => { location.hash = '#/providers/new?type=' + picker.value; });
  // Another type is another address; who chooses by keyboard goes on choosing.
  if (wanted) setTimeout(() => picker.focus());
  const controls = fields.map(each => ({...each, control: control(each, found.config ?? {}, Boolean(read))}));
  const laidOut = each => each.kind === 'flag' ? h('p', {}, each.control)
    : [field(each.label, each.control, true), about(each, Boolean(read)) && hint(each.control, about(each, Boolean(read)))];
  const rest = controls.filter(each => each.more);
  const body = () => {
    const config = {...found.config};
    controls.forEach(each => write(each, config));
    return {...Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.includes(key))), name: name.value.trim(), config};
  };
  const stored = saved => {
    location.hash = '#/providers/' + saved.id;
    say('Saved. Test it before people depend on it.');
  };
  const over = read && saver('access/identity_providers/' + found.id, read, box, stored);
  const save = act(async () => {
    await (over ? over(body()) : stored(await api.post('access/identity_providers', body())));
  });
  return [heading(read ? found.name || typeName(type) : 'New identity provider', {
    back: read ? ['Identity provider', '#/providers/' + found.id] : ['Identity providers', '#/providers'], about: read && typeName(type)}),
    h('div', {class: 'two'}, h('form', {class: 'card', onsubmit: save},
      !read && field('Type', picker, true), field('Name', name, true), controls.filter(each => !each.more).map(laidOut),
      rest.length > 0 && h('details', {open: rest.some(each => found.config?.[each.member] !== undefined) && type === 'oidc' && !found.config?.issuer},
        h('summary', {}, 'One by one'), rest.map(laidOut)),
      box,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, read ? 'Save' : 'Create'),
        h('a', {class: 'button soft', href: read ? '#/providers/' + found.id : '#/providers'}, 'Cancel'))),
    setupCard(setups.find(setup => setup.type === type)))];
}

function about(each, stored) {
  if (each.kind === 'secret') return stored ? 'Never shown again. Leave it empty to keep the one that is stored.' : 'Stored encrypted and never shown again.';
  return each.about;
}

function control(each, config, stored) {
  const value = config[each.member];
  const required = each.must === true;
  switch (each.kind) {
    case 'flag': return check(each.label, {checked: value === true, name: each.member});
    case 'secret': return input(each.member, {type: 'password', autocomplete: 'new-password', placeholder: stored ? 'unchanged' : null});
    case 'list': return input(each.member, {value: (value ?? []).join(', ')});
    case 'lines': return h('textarea', {name: each.member, class: 'code', spellcheck: 'false', value: ''});
    case 'certificates': return h('textarea', {name: each.member, class: 'code', spellcheck: 'false', value: (value ?? []).join('\n\n')});
    default: return input(each.member, {type: each.kind, value: value ?? '', required});
  }
}

/** Puts what was entered into the configuration; what is empty goes out of it, and a secret that was not entered stays where it is. */
function write(each, config) {
  const {member, control: entered} = each;
  if (each.kind === 'flag') {
    const {checked} = entered.querySelector('input');
    if (checked || config[member] !== undefined) config[member] = checked;
    return;
  }
  const value = entered.value.trim();
  delete config[member];
  if (value === '') return;
  if (each.kind === 'list') config[member] = value.split(',').map(part => part.trim()).filter(Boolean);
  else if (each.kind === 'certificates') config[member] = value.split(/\n\s*\n/).map(part => part.trim()).filter(Boolean);
  else config[member] = value;
}
