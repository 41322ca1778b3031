// Who was let in or refused, and why: the tree of every policy and rule, with what each of them saw.
import {api, query} from './api.js';
import {card, chip, field, flush, h, heading, input, list, moment, outcome, select, table, time, values} from './dom.js';
import {counted, pager, sinceChoice} from './lists.js';
import {ruleText} from './rules.js';

const PER_PAGE = 50;

export async function decisions(parameters) {
  const filter = Object.fromEntries(['email', 'app', 'outcome', 'since', 'until', 'page'].map(name => [name, parameters.get(name) ?? '']));
  if (filter.email && !filter.email.includes('@')) return whom(filter);
  const {result, result_info: info} = await api.page('sallyport/decisions' + query({...filter, per_page: PER_PAGE}));
  return [heading('Decisions', {about: counted(info, 'kept', 'kept') + '; equal ones fold into one for a minute'}), search(filter),
    flush(null, table('Decisions', [
      ['Who', row => h('a', {href: '#/decisions/' + row.id}, who(row))],
      ['Application', row => row.application.name],
      ['Request', row => h('span', {class: 'mono'}, `${row.request.method ?? ''} ${row.request.path ?? ''}`)],
      ['Outcome', row => outcome(row.outcome)],
      ['Policy', row => row.policy_name ?? h('span', {class: 'quiet'}, row.reason.replaceAll('_', ' '))],
      ['When', row => [time(row.at), row.repeats > 1 && h('span', {class: 'quiet'}, ` ×${row.repeats}`)]],
    ], result, filter.email || filter.app || filter.outcome || filter.since ? 'Nothing was decided that fits. Look further back, or take a condition away.'
      : 'Nothing was decided yet: nobody has come to an application.')),
    pager('#/decisions', filter, info, ['Newer', 'Older'])].filter(Boolean);
}

function search(filter) {
  return h('form', {class: 'bar', role: 'search', onsubmit: event => {
    event.preventDefault();
    const {ray, ...given} = values(event.currentTarget);
    location.hash = ray ? '#/decisions/' + encodeURIComponent(ray) : '#/decisions' + query(given);
  }},
  field('Who', input('email', {value: filter.email, type: 'search', placeholder: 'name or email'})),
  field('Application', input('app', {value: filter.app, type: 'search', placeholder: 'name, id or host'})),
  field('Outcome', select('outcome', [['', 'all'], ['allowed', 'allowed'], ['denied', 'denied'], ['login_required', 'login required']], filter.outcome)),
  field('Since', sinceChoice(filter.since)),
  field('Ray id', input('ray', {placeholder: 'from the page or the log'})),
  h('button', {type: 'submit'}, 'Search'));
}

/** Half a name: the one it fits, or the choice among several. */
async function whom(filter) {
  const {result} = await api.page('access/users' + query({search: filter.email, per_page: 25}));
  if (result.length === 1) return decisions(new URLSearchParams({...filter, email: result[0].email}));
  return [heading('Decisions', {about: result.length === 0 ? `Nobody called “${filter.email}” has signed in. Who was never signed in is found by the whole address.` : 'Whom do you mean?'}),
    search(filter), result.length > 0 && flush(null, table('People', [
      ['Email', user => h('a', {href: '#/decisions' + query({...filter, email: user.email, page: ''})}, user.email)],
      ['Name', user => user.name ?? ''],
      ['Last sign-in', user => time(user.last_successful_login)],
    ], result, ''))].filter(Boolean);
}

export function who(row) {
  return row.who.email ?? row.who.service_token_name ?? row.who.certificate_common_name ?? 'somebody unknown';
}

export async function decision(id) {
  const found = await api.get('sallyport/decisions/' + encodeURIComponent(id));
  const tree = found.tree ?? {policies: []};
  return [heading(`${who(found)} → ${found.application.name}`, {back: ['Decisions', '#/decisions'], actions: [outcome(found.outcome)]}),
    h('div', {class: 'two'},
      card('What happened', h('p', {}, sentence(found)), list([
        ['Reason', found.reason.replaceAll('_', ' ')],
        ['Decided by', found.policy_name ?? 'no policy'],
        ['When', moment(found.at)],
        ['Application', h('a', {href: '#/applications/' + found.application.id}, found.application.name)],
        ['Request', h('span', {class: 'mono'}, `${found.request.method ?? ''} ${found.request.host ?? ''}${found.request.path ?? ''}`)],
        ['From', [found.request.client_ip, found.request.country].filter(Boolean).join(', ')],
        ['Ray id', h('code', {}, found.id)],
        ['Configuration', 'version ' + found.config_version],
      ])),
      card('Why', tree.policies.length === 0 ? h('p', {class: 'quiet'}, 'The application has no policies.')
        : h('ul', {class: 'tree'}, tree.policies.map(policyTree)),
        tree.with_report_only && h('p', {class: 'note'}, `With its report-only policies in force: ${tree.with_report_only.outcome}.`)))];
}

/** The whole of it in a sentence, for who has to answer somebody on the telephone. */
function sentence(found) {
  const name = h('strong', {}, who(found));
  const app = h('strong', {}, found.application.name);
  if (found.outcome === 'allowed') return [name, ' was let in to ', app, found.policy_name ? ` by the policy “${found.policy_name}”.` : '.'];
  if (found.outcome === 'login_required') return [name, ' was sent to sign in before ', app, ' could be decided.'];
  return found.policy_name ? [name, ' was refused at ', app, `: the policy “${found.policy_name}” refuses whoever fits it.`]
    : [name, ' was refused at ', app, (found.tree?.policies ?? []).length === 0 ? ': it has no policies, so nobody gets in.'
      : ': none of its policies let them in. Under “Why” stands what each rule saw; ✗ marks those that did not fit.'];
}

const EFFECTS = {admits: 'good', refuses: 'bad'};

function policyTree(policy) {
  return h('li', {}, h('div', {class: 'policy'}, truth(policy.truth),
    h('a', {href: '#/policies/' + policy.id}, policy.name), chip(policy.decision),
    policy.effect !== 'none' && chip(policy.effect.replaceAll('_', ' '), EFFECTS[policy.effect] ?? ''),
    policy.sallyport_report_only && chip('report only', 'warn')),
  h('ul', {}, ['exclude', 'require', 'include'].map(kind => (policy[kind] ?? []).map(rule => ruleTree(kind, rule))),
    ['exclude', 'require', 'include'].map(kind => policy[kind + '_omitted']
      && h('li', {class: 'quiet small'}, `and ${policy[kind + '_omitted']} more under ${kind} that did not fit`))));
}

function ruleTree(kind, rule) {
  // The rules of a group stand in one list; their pointers say in which of its three they are.
  const inner = (rule.rules ?? []).map(each => ruleTree(each.pointer.split('/')[1], each));
  if (rule.rules_omitted) inner.push(h('li', {class: 'quiet small'}, `and ${rule.rules_omitted} more that did not fit`));
  return h('li', {}, truth(rule.truth), h('span', {class: 'kind'}, kind), ' ', ruleText(rule.rule),
    rule.saw !== undefined && h('span', {class: 'quiet'}, ' — saw ', h('code', {}, typeof rule.saw === 'string' ? rule.saw : JSON.stringify(rule.saw))),
    inner.length > 0 && h('ul', {}, inner));
}

function truth(word) {
  const signs = {true: '✓', false: '✗'};
  return h('span', {class: 'truth ' + word, role: 'img', 'aria-label': word, title: word}, signs[word] ?? '?');
}
