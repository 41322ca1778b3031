// Three states of one object become one: as it was opened, as somebody saved it meanwhile, and as this form would save it.

/** Members the server writes, or says in another way than it is told; that they differ says nothing. */
const SERVERS = new Set(['id', 'uid', 'aud', 'account_id', 'created_at', 'updated_at', 'app_count', 'reusable', 'precedence', 'domain_type',
  'self_hosted_domains', 'scim_base_url', 'redirect_url', 'fingerprint', 'expires_on', 'crl_next_update', 'count', 'warnings', 'version',
  'tunnel_id', 'source', 'created_on', 'modified_on', 'comment_modified_on', 'tags_modified_on', 'proxiable', 'meta']);
const SECRET = /secret|password|token$/;

const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What the API takes for not given. */
export const isEmpty = value => value === undefined || value === null || value === '' || value === false
  || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);

/** Equal values have equal spellings; something with an id is the same whatever else is said of it. */
export function spelled(value) {
  if (isEmpty(value)) return '';
  if (Array.isArray(value)) return `[${value.map(each => isObject(each) && each.id ? 'id:' + each.id : spelled(each)).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().filter(key => key !== 'created_at' && value[key] !== null && value[key] !== undefined)
    .map(key => `${key}:${spelled(value[key])}`).join()}}`;
}

const same = (one, other) => spelled(one) === spelled(other);

/**
 * What somebody else changed, field by field; fields of settings within settings each for themselves.
 *
 * @returns for each its path, the three values, whether this form changed it too, and how both changes look together when they can
 */
export function differences(opened, now, mine, path = []) {
  const names = [...new Set([opened, now, mine].flatMap(each => Object.keys(each ?? {})))].filter(name => !SERVERS.has(name));
  return names.flatMap(name => {
    const [before, theirs, ours] = [opened?.[name], now?.[name], mine?.[name]];
    const here = [...path, name];
    if ([before, theirs, ours].some(isObject) && [before, theirs, ours].every(each => isObject(each) || isEmpty(each))) {
      return differences(before || {}, theirs || {}, ours || {}, here);
    }
    if (same(before, theirs) || same(theirs, ours)) return [];
    return [{path: here, label: here.join(': ').replaceAll('_', ' '), before, theirs, ours, touched: !same(before, ours),
      both: together(before ?? [], theirs ?? [], ours ?? [])}];
  });
}

/** Their list with what was added here and without what was taken away here; null for what is no list. */
function together(before, theirs, ours) {
  if (![before, theirs, ours].every(Array.isArray)) return null;
  const key = each => spelled([each]);
  const [had, kept] = [before, ours].map(list => new Set(list.map(key)));
  const left = theirs.filter(each => kept.has(key(each)) || !had.has(key(each)));
  const there = new Set(theirs.map(key));
  return [...left, ...ours.filter(each => !had.has(key(each)) && !there.has(key(each)))];
}

/** Mine with the chosen values in it. */
export function merged(mine, choices) {
  const result = structuredClone(mine);
  choices.forEach(([path, value]) => {
    const last = path.at(-1);
    const at = path.slice(0, -1).reduce((place, name) => (place[name] = isObject(place[name]) ? place[name] : {}), result);
    if (value === undefined) delete at[last];
    // Policies are named and not repeated, so that a shared one is not mistaken for one of the application's own.
    else at[last] = last === 'policies' ? value.map(each => each.id ? {id: each.id, name: each.name} : each) : value;
  });
  return result;
}

/** Whether a member is one that no screen should show. */
export const isSecret = path => SECRET.test(path.at(-1));
