// Making and changing an identity provider: what to enter there, and what comes back from there.
import {api} from './api.js';
import {act, card, copyable, field, h, heading, input, say, select} from './dom.js';
import {controlled, fill, laidOut, text} from './fields.js';
import {saver} from './saving.js';

export const TYPES = [
  ['oidc', 'OpenID Connect'], ['saml', 'SAML 2.0'], ['google', 'Google'], ['google-apps', 'Google Workspace'], ['azureAD', 'Microsoft Entra ID'],
  ['okta', 'Okta'], ['onelogin', 'OneLogin'], ['pingone', 'PingOne'], ['centrify', 'CyberArk (Centrify)'], ['github', 'GitHub'], ['facebook', 'Facebook'],
  ['linkedin', 'LinkedIn'], ['yandex', 'Yandex'], ['onetimepin', 'One-time PIN by email'],
];

export const typeName = type => TYPES.find(([key]) => key === type)?.[1] ?? type;

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
  saml: [text('metadata_url', 'Metadata address', {kind: 'url', about: 'What it says fills in the fields below, at every save and once a day.'}),
    text('metadata_xml', 'Or the metadata itself', {kind: 'code', file: 'Or its file'}),
    text('email_attribute_name', 'Attribute that holds the email', {about: 'When it is neither “email” nor the NameID.'}),
    text('attributes', 'Further attributes', {kind: 'list', about: 'Those that policies look at; separated by commas.'}),
    {member: 'sign_request', label: 'Sign requests', kind: 'flag'}, {member: 'force_authn', label: 'Ask to sign in anew every time', kind: 'flag'},
    {member: 'allow_idp_initiated', label: 'People may start at the provider, from its own list of applications', kind: 'flag',
      about: 'Whoever can make them open a page can then sign them in without their asking, so leave it off where nobody uses it.'},
    text('idp_initiated_target', 'Where they get when the provider names no application', {kind: 'url', placeholder: 'https://wiki.example.com/', about: 'Empty: to their launcher.'}),
    text('issuer_url', 'Entity id of the provider', {more: true}), text('sso_target_url', 'Single sign-on address', {kind: 'url', more: true}),
    {member: 'request_binding', label: 'Requests are sent', kind: 'choice', otherwise: 'redirect', more: true, options: [['redirect', 'by redirect'], ['post', 'by a posted form']]},
    text('idp_public_certs', 'Certificates', {kind: 'certificates', more: true, about: 'Several while the provider changes to a new one, with an empty line between them.'}),
    text('header_attributes', 'Attributes that applications get as headers', {kind: 'pairs', names: ['attribute_name', 'header_name'], more: true,
      placeholder: 'department = X-Department', about: 'One a line.'})],
  google: [...CLIENT, ...CLAIMS],
  'google-apps': [...CLIENT, text('apps_domain', 'Workspace domain', must), ...CLAIMS],
  azureAD: [...CLIENT, text('directory_id', 'Directory (tenant) id', must), {member: 'support_groups', label: 'Read groups', kind: 'flag'}, ...CLAIMS],
  okta: [...CLIENT, text('okta_account', 'Okta address', {must: true, about: 'Such as https://example.okta.com'}),
    text('authorization_server_id', 'Authorization server id'), {member: 'api_token', label: 'API token, to read groups of people in more than 100', kind: 'secret'}, ...CLAIMS],
  onelogin: [...CLIENT, text('onelogin_account', 'OneLogin address', must), ...CLAIMS],
  pingone: [...CLIENT, text('ping_env_id', 'Environment id', must), ...CLAIMS],
  centrify: [...CLIENT, text('centrify_account', 'Tenant address', must), text('centrify_app_id', 'Application id', must), ...CLAIMS],
  github: CLIENT, facebook: CLIENT, linkedin: CLIENT, yandex: CLIENT, onetimepin: [],
};

/** Who comes and goes by the directory. */
const SCIM = [
  {member: 'enabled', label: 'The directory tells us who comes and goes (SCIM)', kind: 'flag', about: 'After saving you get the address and a secret to enter there.'},
  {member: 'user_deprovision', label: 'Who leaves the directory is signed out everywhere', kind: 'flag'},
  {member: 'seat_deprovision', label: 'And forgotten as a person of ours', kind: 'flag', about: 'Needs the line above.'},
  {member: 'group_member_deprovision', label: 'Who leaves a group of it is signed out too', kind: 'flag'},
  {member: 'identity_update_behavior', label: 'When the directory changes somebody', kind: 'choice', otherwise: 'no_action', options: [
    ['no_action', 'it counts from the next sign-in'], ['automatic', 'it counts at once'], ['reauth', 'they have to sign in anew']]},
];

const READ_ONLY = ['id', 'uid', 'created_at', 'updated_at'];

/** What to enter at the provider, each to be copied; some addresses are there only once the entry has an id. */
export function setupCard(setup, id) {
  if (!setup) return null;
  const own = address => address && id && address.replace('{id}', id);
  const entry = (title, value, name, about) => value && [h('h3', {}, title), about && h('p', {class: 'quiet small'}, about), copyable(value, name)];
  return card('At the provider', h('p', {}, setup.what_to_do),
    setup.type === 'saml' ? [
      entry('Our metadata', own(setup.own_metadata_url) ?? setup.metadata_url, 'Metadata', 'To be imported there; or enter these two by hand.'),
      entry('Entity id (audience; in Keycloak: client ID)', setup.entity_id, 'Entity id'),
      entry(setup.redirect_field, setup.redirect_url, 'Reply URL')]
      : entry(setup.redirect_field, setup.redirect_url, 'Redirect URL'),
    setup.scopes?.length > 0 && entry('Scopes we ask for', setup.scopes.join(' '), 'Scopes'),
    entry('Back-channel logout URL', own(setup.backchannel_logout_url), 'Back-channel logout URL', 'If you want who signs out there to be out here, too.'));
}

let once = null;

/** A secret that was just made is shown on the next page, and nowhere again. */
export function keepSecret(id, secret) {
  once = {id, secret};
}

/** The secret that was just made for this provider, if one was. */
export function takeSecret(id) {
  const {secret} = once?.id === id ? once : {};
  once = null;
  return secret;
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
  picker.dataset.leads = '';
  picker.addEventListener('change', () => {
    const other = picker.value;
    picker.value = type; // the other type has a form of its own, to which the way may be refused
    location.hash = '#/providers/new?type=' + other;
  });
  // Another type is another address; who chooses by keyboard goes on choosing.
  if (wanted) setTimeout(() => picker.focus());
  const controls = controlled(fields, found.config ?? {}, Boolean(read));
  const scim = type === 'onetimepin' ? [] : controlled(SCIM, found.scim_config ?? {}, Boolean(read));
  const inForm = each => laidOut(each, Boolean(read));
  const rest = controls.filter(each => each.more);
  const body = () => {
    const body = Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.includes(key)));
    const directory = fill(scim, {...found.scim_config});
    if (found.scim_config || directory.enabled) body.scim_config = directory;
    return {...body, name: name.value.trim(), config: fill(controls, {...found.config})};
  };
  const stored = saved => {
    if (saved.scim_config?.secret) keepSecret(saved.id, saved.scim_config.secret);
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
      !read && field('Type', picker, true), field('Name', name, true), controls.filter(each => !each.more).map(inForm),
      rest.length > 0 && h('details', {open: rest.some(each => found.config?.[each.member] !== undefined) && type === 'oidc' && !found.config?.issuer},
        h('summary', {}, 'One by one'), rest.map(inForm)),
      scim.length > 0 && h('details', {open: found.scim_config?.enabled === true}, h('summary', {}, 'Directory (SCIM)'), scim.map(inForm)),
      box,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, read ? 'Save' : 'Create'),
        h('a', {class: 'button soft', href: read ? '#/providers/' + found.id : '#/providers'}, 'Cancel'))),
    setupCard(setups.find(setup => setup.type === type), read?.value.id))];
}
