// Who was let in or refused, and why: the tree of every policy and rule, with what each of them saw.
import {api, query} from './api.js';
import {card, chip, field, flush, h, heading, input, list, outcome, select, table, time, values} from './dom.js';
import {pager} from './lists.js';
import {ruleText} from './rules.js';

const PER_PAGE = 50;

export async function decisions(parameters) {
  const filter = Object.fromEntries(['email', 'app', 'outcome', 'page'].map(name => [name, parameters.get(name) ?? '']));
  const {result, result_info: info} = await api.page('sallyport/decisions' + query({...filter, per_page: PER_PAGE}));
  const form = h('form', {class: 'bar', role: 'search', onsubmit: event => {
    event.preventDefault();
    const {ray, ...given} = values(event.currentTarget);
    location.hash = ray ? '#/decisions/' + encodeURIComponent(ray) : '#/decisions' + query(given);
  }},
    field('Email', input('email', {value: filter.email, type: 'search'})),
    field('Application', input('app', {value: filter.app, type: 'search', placeholder: 'name, id or host'})),
    field('Outcome', select('outcome', [['', 'all'], ['allowed', 'allowed'], ['denied', 'denied'], ['login_required', 'login required']], filter.outcome)),
    field('Ray id', input('ray', {placeholder: 'from the page or the log'})),
    h('button', {type: 'submit'}, 'Search'));
  return [heading('Decisions', {about: `${info.total_count} kept; equal ones fold into one for a minute`}), form,
    flush(null, table('Decisions', [
      ['Who', row => h('a', {href: '#/decisions/' + row.id}, who(row))],
      ['Application', row => row.application.name],
      ['Request', row => h('span', {class: 'mono'}, `${row.request.method ?? ''} ${row.request.path ?? ''}`)],
      ['Outcome', row => outcome(row.outcome)],
      ['Policy', row => row.policy_name ?? h('span', {class: 'quiet'}, row.reason.replaceAll('_', ' '))],
      ['When', row => [time(row.at), row.repeats > 1 && h('span', {class: 'quiet'}, ` ×${row.repeats}`)]],
    ], result, 'Nothing was decided that fits.')),
    pager('#/decisions', filter, info, ['Newer', 'Older'])].filter(Boolean);
}

export function who(row) {
  return row.who.email ?? row.who.service_token_name ?? row.who.certificate_common_name ?? 'somebody unknown';
}

export async function decision(id) {
  const found = await api.get('sallyport/decisions/' + encodeURIComponent(id));
  const tree = found.tree ?? {policies: []};
  return [heading(`${who(found)} → ${found.application.name}`, {back: ['Decisions', '#/decisions'], actions: [outcome(found.outcome)]}),
    h('div', {class: 'two'},
      card('What happened', list([
        ['Reason', found.reason.replaceAll('_', ' ')],
        ['Decided by', found.policy_name ?? 'no policy'],
        ['When', time(found.at)],
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

const EFFECTS = {admits: 'good', refuses: 'bad'};

function policyTree(policy) {
  return h('li', {}, h('div', {class: 'policy'}, truth(policy.truth),
    h('a', {href: '#/policies/' + policy.id}, policy.name), chip(policy.decision),
    policy.effect !== 'none' && chip(policy.effect.replaceAll('_', ' '), EFFECTS[policy.effect] ?? ''),
    policy.sallyport_report_only && chip('report only', 'warn')),
  h('ul', {}, ['exclude', 'require', 'include'].map(kind => (policy[kind] ?? []).map(rule => ruleTree(kind, rule))),
    ['exclude', 'require', 'include'].map(kind => policy[kind + '_omitted']
      && h('li', {class: 'quiet small'}, `and ${policy[kind + '_omitted']} more under ${kind}`))));
}

function ruleTree(kind, rule) {
  const inner = ['include', 'require', 'exclude'].flatMap(list => (rule[list] ?? []).map(each => ruleTree(list, each)));
  return h('li', {}, truth(rule.truth), h('span', {class: 'kind'}, kind), ' ', ruleText(rule.rule),
    rule.saw !== undefined && h('span', {class: 'quiet'}, ' — saw ', h('code', {}, typeof rule.saw === 'string' ? rule.saw : JSON.stringify(rule.saw))),
    inner.length > 0 && h('ul', {}, inner));
}

function truth(word) {
  const signs = {true: '✓', false: '✗'};
  return h('span', {class: 'truth ' + word, role: 'img', 'aria-label': word, title: word}, signs[word] ?? '?');
}
