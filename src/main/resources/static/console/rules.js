// Rules in words, and the selectors the builder knows. Whatever it does not know stays as it is and is edited as JSON.

/** The common selectors: what they are called, and how a text stands for them. */
export const SELECTORS = [
  ['email', 'Email', text => ({email: {email: text}}), rule => rule.email?.email],
  ['email_domain', 'Emails ending in', text => ({email_domain: {domain: text.replace(/^@/, '')}}), rule => rule.email_domain?.domain],
  ['everyone', 'Everyone', () => ({everyone: {}}), rule => rule.everyone && ''],
  ['ip', 'IP range', text => ({ip: {ip: text}}), rule => rule.ip?.ip],
  ['geo', 'Country', text => ({geo: {country_code: text.toUpperCase()}}), rule => rule.geo?.country_code],
  ['group', 'Access group (id)', text => ({group: {id: text}}), rule => rule.group?.id],
  ['login_method', 'Login method (id)', text => ({login_method: {id: text}}), rule => rule.login_method?.id],
  ['auth_method', 'Authentication method', text => ({auth_method: {auth_method: text}}), rule => rule.auth_method?.auth_method],
  ['email_list', 'Email list (id)', text => ({email_list: {id: text}}), rule => rule.email_list?.id],
  ['ip_list', 'IP list (id)', text => ({ip_list: {id: text}}), rule => rule.ip_list?.id],
  ['service_token', 'Service token (id)', text => ({service_token: {token_id: text}}), rule => rule.service_token?.token_id],
  ['any_valid_service_token', 'Any valid service token', () => ({any_valid_service_token: {}}), rule => rule.any_valid_service_token && ''],
  ['certificate', 'Valid certificate', () => ({certificate: {}}), rule => rule.certificate && ''],
];

export const VALUELESS = new Set(['everyone', 'any_valid_service_token', 'certificate']);

/** A rule in words. */
export function ruleText(rule) {
  if (!rule || typeof rule !== 'object') return String(rule);
  const [key] = Object.keys(rule);
  const known = SELECTORS.find(([name]) => name === key);
  if (known) return [known[1], known[3](rule)].filter(Boolean).join(' ');
  return `${key} ${JSON.stringify(rule[key])}`;
}

/** Which selector of the builder fits a rule; only when it says exactly the same again. */
export function fitting(rule) {
  const keys = Object.keys(rule);
  const known = SELECTORS.find(([name]) => name === keys[0]);
  if (!known || keys.length !== 1) return null;
  const text = known[3](rule);
  return text !== undefined && JSON.stringify(known[2](text)) === JSON.stringify(rule) ? {name: known[0], text} : null;
}
