// What a policy or a group says, as controls: name, decision, and the rules of its three lists.
import {field, h, hint, input, select} from './dom.js';
import {choices, nameOf} from './names.js';
import {asRule, fitting, partsOf, SELECTORS} from './rules.js';

const KINDS = [
  ['include', 'Include', 'One of these must be so.'],
  ['require', 'Require', 'And all of these.'],
  ['exclude', 'Exclude', 'And none of these.'],
];
const DECISIONS = [
  ['allow', 'Allow', 'Whoever fits comes in, after signing in.'],
  ['deny', 'Deny', 'Whoever fits is refused, whatever policies behind it say.'],
  ['non_identity', 'Service auth', 'Programs that fit come in, by a service token or a certificate. Nobody is sent to a sign-in page.'],
  ['bypass', 'Bypass', 'Whoever fits comes in without a sign-in, and the origin is told nothing about them.'],
];
const SESSIONS = [['', 'as the application says'], ['0s', 'asked at every request'], ['15m', '15 minutes'], ['1h', 'an hour'], ['8h', '8 hours'],
  ['24h', 'a day'], ['168h', 'a week'], ['720h', '30 days']];
const READ_ONLY = ['id', 'uid', 'account_id', 'created_at', 'updated_at', 'app_count', 'reusable', 'precedence'];

/** What a new policy begins with. */
export const BLANK = {name: '', decision: 'allow', include: [{email_domain: {domain: ''}}]};

/** The rules of the three lists. */
export function ruleLists(found) {
  const rules = Object.fromEntries(KINDS.map(([kind]) => [kind, (found[kind] ?? []).map(row)]));
  const boxes = h('div', {});
  const draw = focus => {
    boxes.replaceChildren(...KINDS.map(([kind, title, about]) => {
      const rows = rules[kind].map(each => ruleRow(each, () => {
        rules[kind] = rules[kind].filter(other => other !== each);
        draw(kind);
      }, () => draw(each)));
      const add = h('button', {type: 'button', class: 'soft tiny', onclick: () => {
        const fresh = {name: 'email', values: {}};
        rules[kind].push(fresh);
        draw(fresh);
      }}, `Add to ${kind}`);
      // What was just added or changed has the focus; after a removal it is with the list, and never lost.
      if (focus === kind) queueMicrotask(() => add.focus());
      rules[kind].forEach((each, i) => { if (focus === each) queueMicrotask(() => rows[i].querySelector('select').focus()); });
      return h('fieldset', {}, h('legend', {}, title), h('p', {class: 'quiet small'}, about), rows, h('p', {}, add));
    }));
  };
  draw();
  return {controls: boxes, body: () => Object.fromEntries(KINDS.map(([kind]) => [kind, rules[kind].map(written)]))};
}

/** Controls for a policy, and what they say as a body of the API. What they do not know stays as it was. */
export function policyForm(found) {
  const name = input('policy_name', {value: found.name, required: true, maxlength: '350'});
  const decision = select('decision', DECISIONS.map(([value, label]) => [value, label]), found.decision);
  const meaning = hint(decision, '');
  const explain = () => { meaning.textContent = DECISIONS.find(([value]) => value === decision.value)?.[2] ?? ''; };
  decision.addEventListener('change', explain);
  explain();
  const kept = found.session_duration ?? '';
  const session = select('policy_session', SESSIONS.some(([value]) => value === kept) ? SESSIONS : [...SESSIONS, [kept, kept]], kept);
  const reportOnly = h('input', {type: 'checkbox', checked: found.sallyport_report_only === true});
  const rules = ruleLists(found);
  return {
    controls: [h('div', {class: 'row'}, field('Name', name), field('Decision', decision), field('Stay signed in', session)), meaning,
      h('p', {}, h('label', {class: 'check'}, reportOnly, 'Report only: counted and shown, decides nothing')), rules.controls],
    body: () => {
      const body = Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.includes(key)));
      Object.assign(body, rules.body());
      if (reportOnly.checked || found.sallyport_report_only !== undefined) body.sallyport_report_only = reportOnly.checked;
      if (session.value) body.session_duration = session.value;
      else delete body.session_duration;
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
  if (each.name !== 'json') return asRule(each.name, each.values);
  try {
    return JSON.parse(each.text);
  } catch {
    throw new Error('A rule is not JSON: ' + each.text.slice(0, 60));
  }
}

function ruleRow(each, remove, draw) {
  const kind = select('selector', [...SELECTORS.map(({key, label}) => [key, label]), ['json', 'As JSON']], each.name);
  kind.setAttribute('aria-label', 'Kind of rule');
  kind.addEventListener('change', () => {
    if (kind.value === 'json') each.text = JSON.stringify(written(each));
    each.values = {};
    each.name = kind.value;
    draw();
  });
  const parts = partsOf(each.name);
  const value = each.name === 'json'
    ? h('textarea', {class: 'code', 'aria-label': 'The rule as JSON', value: each.text, oninput: event => { each.text = event.target.value; }, spellcheck: 'false'})
    : h('div', {class: 'parts'}, parts.map(part => partControl(each, part, parts.length === 1 ? 'Value' : part.label)));
  return h('div', {class: 'rule'}, kind, value, h('button', {type: 'button', class: 'danger tiny', 'aria-label': 'Remove this rule', onclick: remove}, 'Remove'));
}

function partControl(each, part, label) {
  const typed = event => { each.values[part.member] = event.target.value; };
  const value = each.values[part.member] ?? '';
  if (!part.kind) {
    return input(part.member, {value, required: !part.optional, placeholder: part.hint ?? part.label, 'aria-label': label, oninput: typed});
  }
  const options = choices(part.kind, part.fits);
  if (value && !options.some(([id]) => id === value)) options.push([value, nameOf(part.kind, value)]);
  const nothing = options.length === 0 ? `There is no ${part.label.toLowerCase()} yet` : `Choose the ${part.label.toLowerCase()} …`;
  const control = select(part.member, [['', nothing], ...options], value);
  control.required = true;
  control.setAttribute('aria-label', label);
  control.addEventListener('change', typed);
  return control;
}
