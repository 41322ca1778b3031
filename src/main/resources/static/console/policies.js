// Policies: read, try on what was decided before, save.
import {api, query} from './api.js';
import {act, card, chip, field, flush, h, heading, input, say, select, table} from './dom.js';
import {fitting, ruleText, SELECTORS, VALUELESS} from './rules.js';

const KINDS = [
  ['include', 'Include', 'One of these must be so.'],
  ['require', 'Require', 'And all of these.'],
  ['exclude', 'Exclude', 'And none of these.'],
];
const DECISIONS = [['allow', 'Allow'], ['deny', 'Deny'], ['non_identity', 'Service auth'], ['bypass', 'Bypass']];
const CHIPS = {allow: 'good', deny: 'bad', bypass: 'warn'};
const READ_ONLY = ['id', 'uid', 'created_at', 'updated_at', 'app_count', 'reusable', 'precedence'];

export const decisionChip = policy => [chip(policy.decision.replaceAll('_', ' '), CHIPS[policy.decision] ?? ''),
  policy.sallyport_report_only && [' ', chip('report only', 'warn')]];

/** A policy's rules in a line. */
export function summary(policy) {
  return KINDS.map(([kind]) => (policy[kind] ?? []).length > 0
    && `${kind} ${policy[kind].slice(0, 4).map(ruleText).join(', ')}${policy[kind].length > 4 ? ', …' : ''}`).filter(Boolean).join(' · ');
}

export async function policies() {
  const found = await api.get('access/policies?per_page=200');
  return [heading('Policies', {about: 'Reusable ones; an application’s own stand with it',
    actions: [h('a', {class: 'button', href: '#/policies/new'}, 'New policy')]}),
    flush(null, table('Policies', [
      ['Name', policy => h('a', {href: '#/policies/' + policy.id}, policy.name)],
      ['Decision', decisionChip],
      ['Rules', summary],
      ['Applications', policy => String(policy.app_count ?? 0)],
    ], found, 'There are no policies yet.'))];
}

export async function policy(id, parameters) {
  const app = parameters.get('app');
  const fresh = id === 'new';
  const {place, found} = fresh ? {place: 'access/policies', found: {name: '', decision: 'allow', include: [{email_domain: {domain: ''}}]}}
    : await find(encodeURIComponent(id), app && encodeURIComponent(app));
  const rules = Object.fromEntries(KINDS.map(([kind]) => [kind, (found[kind] ?? []).map(row)]));
  const name = input('name', {value: found.name, required: true, maxlength: '350'});
  const decision = select('decision', DECISIONS, found.decision);
  const reportOnly = h('input', {type: 'checkbox', id: 'report', checked: found.sallyport_report_only === true});
  const boxes = h('div', {});
  const result = h('div', {role: 'status'});
  const draw = () => boxes.replaceChildren(...KINDS.map(([kind, title, about]) => h('fieldset', {}, h('legend', {}, title),
    h('p', {class: 'quiet small'}, about), rules[kind].map(each => ruleRow(each, () => {
      rules[kind] = rules[kind].filter(other => other !== each);
      draw();
    }, draw)),
    h('p', {}, h('button', {type: 'button', class: 'soft tiny', onclick: () => {
      rules[kind].push({name: 'email', text: ''});
      draw();
    }}, `Add to ${kind}`)))));
  draw();
  const proposed = () => {
    const body = Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.includes(key)));
    KINDS.forEach(([kind]) => { body[kind] = rules[kind].map(written); });
    if (reportOnly.checked || found.sallyport_report_only !== undefined) body.sallyport_report_only = reportOnly.checked;
    return {...body, name: name.value.trim(), decision: decision.value};
  };
  const preview = act(async () => {
    const replayed = await api.post('sallyport/replay', {policies: [{...proposed(), id: found.id}]});
    result.replaceChildren(...consequences(replayed));
  });
  const save = act(async () => {
    const doubt = dangerous(proposed());
    if (doubt && !confirm(`${doubt} Save it all the same?`)) return;
    const saved = fresh ? await api.post(place, proposed()) : await api.put(place, proposed());
    const warnings = (await api.some('sallyport/lint')).filter(warning => warning.policy_id === saved.id);
    say('Saved. It is in force at everybody’s next request.');
    if (fresh) location.hash = '#/policies/' + saved.id;
    result.replaceChildren(...warnings.map(warning => h('p', {class: 'note warn'}, warning.reason, ' ', warning.advice ?? '')));
  });
  return [heading(fresh ? 'New policy' : found.name, {back: app ? ['Application', '#/applications/' + app] : ['Policies', '#/policies']}),
    h('form', {class: 'card', onsubmit: save}, h('div', {class: 'row'}, field('Name', name), field('Decision', decision)),
      h('p', {class: 'row'}, reportOnly, h('label', {for: 'report'}, 'Report only: counted and shown, decides nothing')),
      boxes, result,
      h('div', {class: 'row'}, h('button', {type: 'submit'}, 'Save'),
        !fresh && place.startsWith('access/policies') && h('button', {type: 'button', class: 'soft', onclick: preview}, 'Who would notice?'))),
    !fresh && card('As the API has it', h('details', {}, h('summary', {}, 'JSON'), h('pre', {tabindex: '0'}, JSON.stringify(found, null, 2))))].filter(Boolean);
}

/** What nobody should save in passing; the file and the API have their own warnings. */
function dangerous(body) {
  const everybody = body.include.some(rule => rule.everyone) && body.require.length === 0;
  if (body.sallyport_report_only || body.decision === 'deny') return null;
  if (body.decision === 'bypass') return everybody ? 'This opens its applications to the whole world, without a sign-in.' : 'Whoever fits comes in without a sign-in.';
  return everybody ? 'This lets in everybody who can sign in.' : null;
}

/** A reusable policy, or one of an application's own. */
async function find(id, app) {
  try {
    return {place: 'access/policies/' + id, found: await api.get('access/policies/' + id)};
  } catch (refused) {
    if (!app || refused.status === 401) throw refused;
    const place = `access/apps/${app}/policies/${id}`;
    return {place, found: await api.get(place)};
  }
}

function row(rule) {
  return fitting(rule) ?? {name: 'json', text: JSON.stringify(rule, null, 1)};
}

function written(each) {
  if (each.name === 'json') {
    try {
      return JSON.parse(each.text);
    } catch {
      throw new Error('A rule is not JSON: ' + each.text.slice(0, 60));
    }
  }
  return SELECTORS.find(([name]) => name === each.name)[2](each.text.trim());
}

function ruleRow(each, remove, draw) {
  const kind = select('selector', [...SELECTORS.map(([name, label]) => [name, label]), ['json', 'As JSON']], each.name);
  kind.setAttribute('aria-label', 'Kind of rule');
  kind.addEventListener('change', () => {
    if (kind.value === 'json') each.text = JSON.stringify(written(each));
    else if (each.name === 'json') each.text = '';
    each.name = kind.value;
    draw();
  });
  const typed = event => { each.text = event.target.value; };
  const value = VALUELESS.has(each.name) ? h('span', {})
    : each.name === 'json' ? h('textarea', {class: 'code', 'aria-label': 'The rule as JSON', value: each.text, oninput: typed, spellcheck: 'false'})
    : input('value', {value: each.text, required: true, 'aria-label': 'Value', oninput: typed});
  return h('div', {class: 'rule'}, kind, value, h('button', {type: 'button', class: 'danger tiny', 'aria-label': 'Remove this rule', onclick: remove}, 'Remove'));
}

function consequences(replayed) {
  const lines = [['lose', 'bad', 'lose access'], ['gain', 'good', 'gain access']].flatMap(([kind, colour, words]) => {
    const count = replayed[kind]?.count ?? 0;
    if (count === 0) return [];
    return [h('div', {class: 'note ' + colour}, h('strong', {}, `${count} ${count === 1 ? 'pair of person and application would' : 'pairs of person and application would'} ${words}`),
      h('ul', {}, replayed[kind].examples.slice(0, 10).map(example => h('li', {}, `${example.who ?? 'somebody'} → ${example.application}`))))];
  });
  const asked = (replayed.decisions?.asked ?? 0) + (replayed.users?.asked ?? 0);
  return [...lines.length > 0 ? lines : [h('p', {class: 'note good'}, 'Nobody known would gain or lose access.')],
    h('p', {class: 'quiet small'}, `${asked} questions decided twice${replayed.complete === false ? ', not all there are' : ''}.`)];
}
