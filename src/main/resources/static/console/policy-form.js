// What a policy says, as controls: name, decision, and the rules of its three lists.
import {field, h, input, select} from './dom.js';
import {fitting, SELECTORS, VALUELESS} from './rules.js';

const KINDS = [
  ['include', 'Include', 'One of these must be so.'],
  ['require', 'Require', 'And all of these.'],
  ['exclude', 'Exclude', 'And none of these.'],
];
const DECISIONS = [['allow', 'Allow'], ['deny', 'Deny'], ['non_identity', 'Service auth'], ['bypass', 'Bypass']];
const READ_ONLY = ['id', 'uid', 'account_id', 'created_at', 'updated_at', 'app_count', 'reusable', 'precedence'];

/** What a new policy begins with. */
export const BLANK = {name: '', decision: 'allow', include: [{email_domain: {domain: ''}}]};

/** Controls for a policy, and what they say as a body of the API. What they do not know stays as it was. */
export function policyForm(found) {
  const rules = Object.fromEntries(KINDS.map(([kind]) => [kind, (found[kind] ?? []).map(row)]));
  const name = input('policy_name', {value: found.name, required: true, maxlength: '350'});
  const decision = select('decision', DECISIONS, found.decision);
  const reportOnly = h('input', {type: 'checkbox', checked: found.sallyport_report_only === true});
  const boxes = h('div', {});
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
  return {
    controls: [h('div', {class: 'row'}, field('Name', name), field('Decision', decision)),
      h('p', {}, h('label', {class: 'check'}, reportOnly, 'Report only: counted and shown, decides nothing')), boxes],
    body: () => {
      const body = Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.includes(key)));
      KINDS.forEach(([kind]) => { body[kind] = rules[kind].map(written); });
      if (reportOnly.checked || found.sallyport_report_only !== undefined) body.sallyport_report_only = reportOnly.checked;
      return {...body, name: name.value.trim(), decision: decision.value};
    },
  };
}

/** What nobody should save in passing; the file and the API have their own warnings. */
export function dangerous(body) {
  const everybody = body.include.some(rule => rule.everyone) && body.require.length === 0;
  if (body.sallyport_report_only || body.decision === 'deny') return null;
  if (body.decision === 'bypass') return everybody ? 'This opens its applications to the whole world, without a sign-in.' : 'Whoever fits comes in without a sign-in.';
  return everybody ? 'This lets in everybody who can sign in.' : null;
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
