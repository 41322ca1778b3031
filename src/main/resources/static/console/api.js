// The one way to the admin API. The token lives in this tab's session storage and travels as a bearer, never in a cookie or address.

const KEY = 'sallyport.token';
let account = null;
let zone = null;
const hearers = [];

/** Questions that are asked by POST and change nothing. */
const QUESTIONS = /^sallyport\/(replay|doctor|diff|lint)|^access\/policy-tests/;

/** Tells of everything written from here by its path: what was looked up before may be old. */
export const onWrite = hearer => hearers.push(hearer);

/** A refusal, in the API's own words. */
export class Refused extends Error {
  constructor(status, message, more) {
    super(message, more);
    this.status = status;
  }
}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: text => sessionStorage.setItem(KEY, text),
  forget: () => { sessionStorage.removeItem(KEY); account = zone = null; },
};

/** A refusal in words for what the browser only calls a failure. */
async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch (broken) {
    throw new Refused(0, 'The gateway does not answer. Is it running, and are you still on its network? Nothing was changed; try again.', {cause: broken});
  }
}

async function send(method, path, body, tag) {
  const answer = await reach('/client/v4' + path, {
    method,
    credentials: 'omit',
    cache: 'no-store',
    headers: {Authorization: 'Bearer ' + token.get(), ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
      ...(tag ? {'If-Match': tag} : {})},
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const envelope = await answer.json().catch(() => null);
  if (!answer.ok || !envelope?.success) {
    const errors = (envelope?.errors ?? []).map(error =>
      error.message + (error.source?.pointer && !error.message.includes(error.source.pointer) ? ` (${error.source.pointer})` : ''));
    throw new Refused(answer.status, answer.status === 403 ? 'This token may not do that.' : errors.join('; ') || `The API answered ${answer.status}.`);
  }
  const place = path.replace(/^\/accounts\/[^/]+\//, '');
  if (method !== 'GET' && !QUESTIONS.test(place)) hearers.forEach(hearer => hearer(place));
  return {...envelope, tag: answer.headers.get('ETag')};
}

/** Proves the token and learns the account. */
export async function begin() {
  account = (await send('GET', '/accounts')).result[0].id;
}

/** Paths are those below the account, unless they begin at the root. */
const at = path => path.startsWith('/') ? path : `/accounts/${account}/${path}`;

/** The value and the tag of the state it is in, which goes back with a save: then nothing that changed meanwhile is overwritten. */
const tagged = ({result, tag}) => ({value: result, tag});

export const api = {
  get: async path => (await send('GET', at(path))).result,
  read: async path => tagged(await send('GET', at(path))),
  page: async path => send('GET', at(path)),
  post: async (path, body) => (await send('POST', at(path), body ?? {})).result,
  put: async (path, body, tag) => tagged(await send('PUT', at(path), body, tag)),
  patch: async (path, body, tag) => tagged(await send('PATCH', at(path), body, tag)),
  remove: async (path, tag) => (await send('DELETE', at(path), undefined, tag)).result,
  /** All pages of a list that has few entries by its nature. */
  all: async path => {
    const found = [];
    for (let page = 1; ; page++) {
      const {result, result_info: info} = await send('GET', at(path + query({page, per_page: 1000})));
      found.push(...result);
      if (page >= (info?.total_pages ?? 1)) return found;
    }
  },
  /** The id of the zone that stands for all domains. */
  zone: async () => (zone ??= (await send('GET', '/zones')).result[0]?.id),
  /** An answer that is a file and no envelope. */
  file: async path => {
    const answer = await reach('/client/v4' + at(path), {credentials: 'omit', cache: 'no-store', headers: {Authorization: 'Bearer ' + token.get()}});
    if (!answer.ok) throw new Refused(answer.status, `The API answered ${answer.status}.`);
    return answer.blob();
  },
  /** What the token may not see is empty, so that a page can show the rest. */
  some: async path => {
    try {
      return (await send('GET', at(path))).result ?? [];
    } catch (refused) {
      if (refused.status === 403 || refused.status === 404) return [];
      throw refused;
    }
  },
};

export const query = parameters => {
  const given = Object.entries(parameters).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length === 0 ? '' : '?' + new URLSearchParams(given);
};
