// Making and changing an application: where it lives, who signs in how, and its policies in their order.
import {api, query} from './api.js';
import {act, card, check, chip, complain, field, h, heading, hint, input, say, select} from './dom.js';
import {BLANK, dangerous, policyForm} from './policy-form.js';
import {decisionChip, summary} from './policies.js';
import {controlled, fill, laidOut, laidOutAll, text} from './fields.js';
import {choices} from './names.js';
import {ask, consequences, saver} from './saving.js';

const SESSIONS = [['0s', 'asked at every request'], ['15m', '15 minutes'], ['1h', 'an hour'], ['8h', '8 hours'], ['24h', 'a day'], ['168h', 'a week'], ['720h', '30 days']];
const ON_HOSTS = ['self_hosted', 'ssh', 'vnc', 'rdp', 'mcp_portal'];
const READ_ONLY = ['id', 'uid', 'aud', 'created_at', 'updated_at', 'self_hosted_domains'];
const FOUND_AT_ONCE = 25;

const SHOWN = () => [text('logo_url', 'Address of its picture', {kind: 'url', placeholder: 'https://…'}),
  {member: 'tags', label: 'Tags', kind: 'picks', options: choices('tag'), nothing: 'There are no tags yet.'}];

const REFUSED = () => [
  text('custom_deny_message', 'What who is refused is told', {placeholder: 'Ask Ann on the third floor.'}),
  text('custom_deny_url', 'Or where they are sent', {kind: 'url', placeholder: 'https://…'}),
  text('custom_non_identity_deny_url', 'And who never signed in', {kind: 'url', placeholder: 'https://…'}),
  {member: 'custom_pages', label: 'Custom pages', kind: 'picks', options: choices('page'), nothing: 'There are no custom pages yet.'},
];

const MORE = [
  {member: 'service_auth_401_redirect', label: 'Programs without a valid token get 401 instead of the sign-in page', kind: 'flag'},
  text('read_service_tokens_from_header', 'Header that carries a service token as one JSON text', {placeholder: 'Authorization'}),
  {member: 'sallyport_app_passes.enabled', label: 'People may make app passes, for programs that cannot open a sign-in page', kind: 'flag'},
  text('sallyport_app_passes.header', 'Header that may carry an app pass, beside Authorization', {placeholder: 'X-App-Pass'}),
  {member: 'enable_binding_cookie', label: 'Bind the session to this browser by a second cookie', kind: 'flag'},
  {member: 'http_only_cookie_attribute', label: 'Scripts of the application cannot read the cookie', kind: 'flag'},
  {member: 'same_site_cookie_attribute', label: 'The cookie comes along from other sites', kind: 'choice', options: [['', 'as browsers do'], ['lax', 'lax'], ['strict', 'strict'], ['none', 'none']]},
  {member: 'path_cookie_attribute', label: 'The cookie is for this path alone', kind: 'flag'},
  {member: 'options_preflight_bypass', label: 'Let OPTIONS through to the application, which answers CORS itself', kind: 'flag'},
  {member: 'cors_headers.allowed_origins', label: 'Or answer CORS here, for these origins', kind: 'lines', placeholder: 'https://a.example.com'},
  {member: 'cors_headers.allowed_methods', label: 'and these methods', kind: 'list', placeholder: 'GET, POST'},
  {member: 'cors_headers.allow_credentials', label: 'with credentials', kind: 'flag'},
  {member: 'skip_interstitial', label: 'Command lines are signed in without a question', kind: 'flag',
    about: 'Whoever opens a link from a mail then signs in the command line of whoever sent it, and is not asked. Leave it off where that matters.'},
  {member: 'sallyport_strict_staleness', label: 'Refuse rather than decide by an old configuration', kind: 'flag'},
];

/** How the launcher looks, and the page before it. */
const LAUNCHER = [
  text('app_launcher_logo_url', 'Address of its logo', {kind: 'url', placeholder: 'https://…'}),
  {member: 'bg_color', label: 'Background', kind: 'colour', otherwise: '#f3f4f7'},
  {member: 'header_bg_color', label: 'Background of its head', kind: 'colour', otherwise: '#f3f4f7'},
  {member: 'skip_app_launcher_login_page', label: 'No front page: straight to the sign-in', kind: 'flag'},
  text('landing_page_design.title', 'Title of the front page', {placeholder: 'Welcome!'}),
  text('landing_page_design.message', 'What it says', {placeholder: 'Sign in to see the applications you can open.'}),
  text('landing_page_design.image_url', 'Address of its picture', {kind: 'url', placeholder: 'https://…'}),
  text('footer_links', 'Links at the foot', {kind: 'pairs', names: ['name', 'url'], placeholder: 'Help = https://help.example.com', about: 'One a line.'}),
];

const NEW = {
  self_hosted: {type: 'self_hosted', name: '', policies: [], allowed_idps: [], app_launcher_visible: true, session_duration: '24h'},
  app_launcher: {type: 'app_launcher', name: 'App Launcher', policies: [], allowed_idps: [], session_duration: '24h'},
};

/** The view; without an application, that of a new one, for this host if one is named. */
export async function applicationForm(read, host = '', type = 'self_hosted') {
  const app = read?.value ?? {...NEW[type], ...(host && {domain: host})};
  const providers = await api.some('access/identity_providers?per_page=1000');
  const box = h('div', {});
  const name = input('name', {value: app.name ?? '', maxlength: '350', required: true});
  const hosts = ON_HOSTS.includes(app.type) ? hostRows(app) : null;
  const origin = read ? null : input('origin', {type: 'url', placeholder: 'http://10.0.0.5:3000'});
  const session = app.session_duration === undefined ? null
    : select('session', SESSIONS.some(([value]) => value === app.session_duration) ? SESSIONS : [...SESSIONS, [app.session_duration, app.session_duration]], app.session_duration);
  const visible = check('Shown in the launcher', {checked: app.app_launcher_visible !== false});
  const logins = loginChoice(app, providers);
  const attached = policyRows(app);
  const portal = app.type === 'app_launcher';
  const shown = portal ? controlled(LAUNCHER, app, Boolean(read)) : controlled(SHOWN(), app, Boolean(read));
  const refused = controlled(REFUSED(), app, Boolean(read));
  const special = hosts ? controlled(MORE, app, Boolean(read)) : [];
  const body = async share => ({
    ...without(fill([...shown, ...refused, ...special], structuredClone(Object.fromEntries(Object.entries(app).filter(([key]) => !READ_ONLY.includes(key)))))),
    name: name.value.trim(),
    ...hosts?.body(),
    ...(session && {session_duration: session.value}),
    ...(app.app_launcher_visible === undefined ? {} : {app_launcher_visible: visible.querySelector('input').checked}),
    ...logins.body(),
    policies: await attached.body(share),
  });
  const stored = saved => {
    location.hash = '#/applications/' + saved.id;
    say('Saved. It is in force at everybody’s next request.');
  };
  const over = read && saver('access/apps/' + app.id, read, box, stored);
  const save = act(async () => {
    const doubts = attached.doubts();
    if (doubts.length > 0 && !await ask('Save it all the same?', 'Save it', doubts.map(doubt => h('p', {class: 'note bad'}, doubt)))) return;
    if (over) {
      await over(await body(true));
      return;
    }
    const made = await api.post('access/apps', await body(true));
    stored(made);
    if (origin.value.trim()) await lead(made, origin.value.trim());
  });
  const preview = act(async () => { box.replaceChildren(...await consequences({applications: [{...await body(false), ...(read && {id: app.id})}]})); });
  return [heading(read ? app.name || app.domain : portal ? 'App launcher' : 'New application', {
    back: read ? ['Application', '#/applications/' + app.id] : ['Applications', '#/applications'], about: app.type.replaceAll('_', ' ')}),
    h('form', {class: 'form', onsubmit: save},
      card('What it is', h('div', {class: 'row'}, field('Name', name), session && field('Signed in for', session)),
        app.app_launcher_visible !== undefined && h('p', {}, visible), laidOutAll(shown.map(each => ({...each, more: true})), Boolean(read), portal ? 'How it looks' : 'Picture and tags')),
      hosts && card('Where it lives', hosts.controls,
        origin && [field('Address the gateway finds it at', origin, true), hint(origin, 'Leave it empty when a tunnel leads there.')]),
      card('How people sign in', logins.controls),
      card('Who gets in', attached.controls),
      card('Who does not', refused.map(each => laidOut(each, Boolean(read)))),
      special.length > 0 && card(null, h('details', {}, h('summary', {}, 'Cookies, programs and CORS'), special.map(each => laidOut(each, Boolean(read))))),
      box,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, read ? 'Save' : 'Create'),
        h('button', {type: 'button', class: 'soft', onclick: preview}, 'Who would notice?'),
        h('a', {class: 'button soft', href: read ? '#/applications/' + app.id : '#/applications'}, 'Cancel')))];
}

/** Settings within settings that say nothing go, because the API takes half of CORS for a mistake. */
function without(body) {
  for (const member of ['cors_headers', 'sallyport_app_passes']) {
    if (body[member] && Object.values(body[member]).every(value => value === undefined || value === false || value.length === 0)) delete body[member];
  }
  return body;
}

/** The first host leads to this address. The application guards it already, so a failure here opens nothing. */
async function lead(app, service) {
  const [hostname, ...path] = app.domain.split('/');
  try {
    await api.post('sallyport/origins', {hostname, path: path.length > 0 ? '/' + path.join('/') : '', service});
  } catch (refused) {
    throw new Error(`The application is made, but nothing leads to it yet: ${refused.message}`, {cause: refused});
  }
}

/** The public places, one a line. What is no public place, and what a place has beside its address, stays. */
function hostRows(app) {
  let places = (app.destinations ?? [{type: 'public', uri: app.domain ?? ''}]).map(place => ({...place}));
  const others = places.filter(place => (place.type ?? 'public') !== 'public');
  places = places.filter(place => !others.includes(place));
  const rows = h('div', {});
  const draw = focus => {
    rows.replaceChildren(...places.map((place, i) => {
      const uri = input('uri', {value: place.uri, required: true, placeholder: 'wiki.example.com', inputmode: 'url', oninput: event => { place.uri = event.target.value.trim(); }});
      if (i === focus) queueMicrotask(() => uri.focus());
      return h('div', {class: 'line'}, field(i === 0 ? 'Host' : `Host ${i + 1}`, uri),
        places.length > 1 && h('button', {type: 'button', class: 'danger tiny', 'aria-label': `Remove host ${i + 1}`, onclick: () => {
          places.splice(i, 1);
          draw(Math.max(0, i - 1));
        }}, 'Remove'));
    }));
  };
  draw();
  return {
    controls: [rows, h('p', {class: 'quiet small'}, 'A host, with a path behind it when only that is meant; * stands for any part of either.'),
      h('p', {}, h('button', {type: 'button', class: 'soft tiny', onclick: () => {
        places.push({type: 'public', uri: ''});
        draw(places.length - 1);
      }}, 'Add a host'))],
    body: () => {
      const host = uri => uri.split('/')[0].toLowerCase();
      const kept = places.some(place => host(place.uri) === host(app.domain ?? ''));
      return {domain: kept ? app.domain : places[0].uri, destinations: [...places, ...others]};
    },
  };
}

/** Which providers may be used; none chosen is all of them. */
function loginChoice(app, providers) {
  const chosen = new Set(app.allowed_idps ?? []);
  const straight = check('Go straight to it, without asking', {checked: app.auto_redirect_to_identity === true});
  const settle = () => {
    const box = straight.querySelector('input');
    box.disabled = chosen.size !== 1;
    if (box.disabled) box.checked = false;
    straight.classList.toggle('quiet', box.disabled);
  };
  settle();
  return {
    controls: providers.length === 0 ? [h('p', {class: 'quiet'}, 'There is no identity provider yet. ', h('a', {href: '#/providers/new'}, 'Make one'), ', or nobody can sign in.')]
      : [h('fieldset', {}, h('legend', {}, 'Identity providers'), h('p', {class: 'quiet small'}, 'None chosen: every one there is, and every one to come.'),
        providers.map(provider => check(provider.name || provider.type, {checked: chosen.has(provider.id), onchange: event => {
          if (event.target.checked) chosen.add(provider.id);
          else chosen.delete(provider.id);
          settle();
        }}))), straight],
    body: () => ({
      allowed_idps: [...chosen],
      ...(straight.querySelector('input').checked || app.auto_redirect_to_identity !== undefined
        ? {auto_redirect_to_identity: straight.querySelector('input').checked} : {}),
    }),
  };
}

/** The policies in the order in which they are asked, each movable by buttons, and two ways to another one. */
function policyRows(app) {
  const entries = (app.policies ?? []).map(policy => ({policy}));
  const rows = h('ol', {class: 'order'});
  const said = h('p', {class: 'hidden', role: 'status'});
  const label = entry => entry.policy?.name ?? 'the new policy';
  const move = (entry, by) => {
    const from = entries.indexOf(entry);
    entries.splice(from, 1);
    entries.splice(from + by, 0, entry);
    draw();
    const moved = rows.children[from + by];
    (moved.querySelector(`[data-by="${by}"]:not(:disabled)`) ?? moved.querySelector('[data-by]:not(:disabled)'))?.focus();
    said.textContent = `${label(entry)} is now number ${from + by + 1} of ${entries.length}.`;
  };
  const draw = () => {
    rows.replaceChildren(...entries.map((entry, i) => h('li', {},
      h('div', {class: 'line'},
        h('div', {class: 'grow'}, entry.policy
          ? [h('strong', {}, entry.policy.name), ' ', decisionChip(entry.policy), ' ', chip(entry.policy.reusable ? 'reusable' : 'its own'),
            h('p', {class: 'quiet small'}, summary(entry.policy))]
          : h('strong', {}, 'New policy')),
        h('div', {class: 'row'},
          h('button', {type: 'button', class: 'soft tiny', 'data-by': '-1', disabled: i === 0, 'aria-label': `Move ${label(entry)} up`, onclick: () => move(entry, -1)}, '↑'),
          h('button', {type: 'button', class: 'soft tiny', 'data-by': '1', disabled: i === entries.length - 1, 'aria-label': `Move ${label(entry)} down`, onclick: () => move(entry, 1)}, '↓'),
          h('button', {type: 'button', class: 'danger tiny', 'aria-label': `Take ${label(entry)} away`, onclick: () => {
            entries.splice(entries.indexOf(entry), 1);
            draw();
            said.textContent = `${label(entry)} is taken away.`;
          }}, 'Remove'))),
      entry.form && h('div', {class: 'inner'}, entry.form.controls, entry.share))));
    nobody.hidden = entries.length > 0;
  };
  const nobody = h('p', {class: 'note warn'}, 'Without a policy nobody gets in.');
  const {element: picker, chosen} = reusablePicker(() => entries);
  draw();
  return {
    controls: [h('p', {class: 'quiet small'}, 'Bypass and service auth are asked first; of the rest, the first that fits decides.'), nobody, rows, said, picker,
      h('div', {class: 'row'}, h('button', {type: 'button', class: 'soft tiny', onclick: () => {
        const policy = chosen();
        if (!policy) return;
        entries.push({policy});
        draw();
        said.textContent = `${policy.name} is number ${entries.length}.`;
      }}, 'Attach'), h('button', {type: 'button', class: 'soft tiny', onclick: () => {
        entries.push({form: policyForm(BLANK), share: check('Reusable: other applications may use it too')});
        draw();
        rows.lastElementChild.querySelector('input').focus();
      }}, 'Write a new policy'))],
    doubts: () => entries.filter(entry => entry.form).map(entry => dangerous(entry.form.body())).filter(Boolean),
    /** @param share whether new policies that are to be reusable are made now; for a preview they are part of the application */
    body: async share => {
      const wanted = [];
      for (const entry of entries) {
        if (share && entry.form && entry.share.querySelector('input').checked) {
          entry.policy = await api.post('access/policies', entry.form.body());
          delete entry.form;
        }
        wanted.push(entry.form ? entry.form.body() : {id: entry.policy.id, name: entry.policy.name});
      }
      return wanted;
    },
  };
}

/** Reusable policies by name, however many there are. */
function reusablePicker(entries) {
  const wanted = input('policy_search', {type: 'search'});
  const choice = h('select', {name: 'policy'});
  const more = h('p', {class: 'quiet small', role: 'status'});
  let found = [];
  const look = async () => {
    const text = wanted.value.trim();
    const {result, result_info: info} = await api.page('access/policies' + query({search: text, per_page: FOUND_AT_ONCE}));
    if (text !== wanted.value.trim()) return;
    found = result.filter(policy => !entries().some(entry => entry.policy?.id === policy.id));
    choice.replaceChildren(...found.map(policy => h('option', {value: policy.id}, `${policy.name} (${policy.decision.replaceAll('_', ' ')})`)));
    more.textContent = info.total_count > result.length ? `The first ${result.length} of ${info.total_count}; search to see others.`
      : info.total_count === 0 ? 'There is none of that name.' : '';
  };
  let waiting;
  wanted.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(failure => complain(failure.message)), 200);
  });
  look().catch(failure => complain(failure.message));
  return {
    element: h('div', {}, h('div', {class: 'row'}, field('Find a reusable policy', wanted), field('Policy to attach', choice)), more),
    chosen: () => {
      const policy = found.find(each => each.id === choice.value);
      if (policy) {
        found = found.filter(each => each !== policy);
        choice.selectedOptions[0].remove();
      }
      return policy;
    },
  };
}
