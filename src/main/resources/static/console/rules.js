// Rules in words, and the selectors the builder knows. Whatever it does not know stays as it is and is edited as JSON.
import {isEmpty, spelled} from './merging.js';
import {nameOf} from './names.js';

const text = (member, label, more = {}) => ({member, label, ...more});
const one = (kind, member, label, more = {}) => ({member, label, kind, ...more});
const at = types => one('idp', 'identity_provider_id', 'Identity provider', {fits: idp => types.includes(idp.type)});
const OIDC = ['oidc', 'google', 'google-apps', 'azureAD', 'okta', 'onelogin', 'pingone', 'centrify', 'linkedin', 'facebook', 'yandex'];

/** What a country is called. */
function country(code) {
  try {
    return `${code} (${new Intl.DisplayNames('en', {type: 'region'}).of(code)})`;
  } catch {
    return code;
  }
}

/** The selectors: what they are called, and what is to be entered for each. */
export const SELECTORS = [
  {key: 'email', label: 'Email', parts: [text('email', 'Email address', {hint: 'ann@example.com'})]},
  {key: 'email_domain', label: 'Emails ending in', parts: [text('domain', 'Domain', {hint: 'example.com', tidy: value => value.replace(/^@/, '')})]},
  {key: 'email_list', label: 'Email list', parts: [one('list', 'id', 'List', {fits: list => list.type === 'EMAIL'})]},
  {key: 'everyone', label: 'Everyone', parts: []},
  {key: 'group', label: 'Access group', parts: [one('group', 'id', 'Group')]},
  {key: 'ip', label: 'IP range', parts: [text('ip', 'Address or range', {hint: '192.0.2.0/24'})]},
  {key: 'ip_list', label: 'IP list', parts: [one('list', 'id', 'List', {fits: list => list.type === 'IP'})]},
  {key: 'geo', label: 'Country', parts: [text('country_code', 'Country code', {hint: 'two letters, such as DE', tidy: value => value.toUpperCase(), say: country})]},
  {key: 'login_method', label: 'Login method', parts: [one('idp', 'id', 'Identity provider')]},
  {key: 'auth_method', label: 'Authentication method', parts: [text('auth_method', 'Method', {hint: 'as the provider’s amr has it: mfa, hwk, …'})]},
  {key: 'oidc', label: 'OIDC claim', parts: [at(OIDC), text('claim_name', 'Claim', {hint: 'groups'}), text('claim_value', 'Is or holds')]},
  {key: 'saml', label: 'SAML attribute', parts: [at(['saml']), text('attribute_name', 'Attribute'), text('attribute_value', 'Is or holds')]},
  {key: 'azureAD', label: 'Entra ID group', parts: [at(['azureAD']), text('id', 'Object id of the group')]},
  {key: 'okta', label: 'Okta group', parts: [at(['okta']), text('name', 'Name of the group')]},
  {key: 'gsuite', label: 'Google Workspace group', parts: [at(['google-apps']), text('email', 'Address of the group')]},
  {key: 'github-organization', label: 'GitHub organization', parts: [at(['github']), text('name', 'Organization'), text('team', 'Team', {optional: true, hint: 'every team'})]},
  {key: 'service_token', label: 'Service token', parts: [one('token', 'token_id', 'Service token')]},
  {key: 'any_valid_service_token', label: 'Any valid service token', parts: []},
  {key: 'certificate', label: 'Valid certificate', parts: []},
  {key: 'common_name', label: 'Certificate common name', parts: [text('common_name', 'Common name')]},
  {key: 'external_evaluation', label: 'External evaluation', parts: [text('evaluate_url', 'Evaluator', {hint: 'https://…'}), text('keys_url', 'Its keys', {hint: 'https://…'})]},
];

const selector = key => SELECTORS.find(each => each.key === key);

/** A rule in words. */
export function ruleText(rule) {
  if (!rule || typeof rule !== 'object') return String(rule);
  const [key] = Object.keys(rule);
  const known = selector(key);
  if (key === 'workload') return `Workload of ${nameOf('issuer', rule.workload?.issuer_id)} ${JSON.stringify(rule.workload?.claims ?? {})}`;
  if (!known) return `${key} ${JSON.stringify(rule[key])}`;
  return [known.label, ...known.parts.map(part => said(part, rule[key]?.[part.member])).filter(Boolean)].join(' ');
}

function said(part, value) {
  if (isEmpty(value)) return '';
  if (part.member === 'identity_provider_id') return `at ${nameOf('idp', value)}:`;
  return part.kind ? nameOf(part.kind, value) : part.say?.(value) ?? String(value);
}

/** Which selector of the builder fits a rule; only when it says exactly the same again. */
export function fitting(rule) {
  const [key, ...more] = Object.keys(rule);
  const known = selector(key);
  if (!known || more.length > 0) return null;
  const values = Object.fromEntries(known.parts.map(part => [part.member, rule[key]?.[part.member] ?? '']));
  return spelled(asRule(key, values)) === spelled(rule) ? {name: key, values} : null;
}

/** The rule that was entered. */
export function asRule(key, values) {
  const inside = {};
  selector(key).parts.forEach(part => {
    const value = (values[part.member] ?? '').trim();
    if (value !== '' || !part.optional) inside[part.member] = part.tidy?.(value) ?? value;
  });
  return {[key]: inside};
}

/** What is to be entered for a selector. */
export const partsOf = key => selector(key)?.parts ?? [];
