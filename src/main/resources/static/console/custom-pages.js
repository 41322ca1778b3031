// Pages of the organisation's own in place of ours.
import {card, h, time} from './dom.js';
import {linked, resource} from './resource.js';

const TYPES = [['identity_denied', 'Refused after signing in'], ['forbidden', 'Refused without signing in'], ['login', 'Sign-in'], ['interstitial', 'Before a command line is let in (kept, not shown)']];
const REFUSAL = ['app_name', 'organization_name', 'host', 'email', 'message', 'reason', 'reason_code', 'ray_id', 'another_account_url'];
const LOGIN = ['app_name', 'organization_name', 'host', 'ray_id', 'login_url', 'login_1_name', 'login_1_url'];
const typeName = type => TYPES.find(([key]) => key === type)?.[1] ?? type;

export const customPages = resource({
  place: 'access/custom_pages', route: 'pages', title: 'Custom pages', one: 'custom page', many: 'custom pages',
  about: 'They stand in place of ours where the organisation or an application names them.',
  empty: 'There are none yet; everybody sees our own pages, in your colours.', loss: 'Where it was shown, our own page is shown again.',
  columns: [
    ['Name', linked('pages')],
    ['In place of', page => typeName(page.type)],
    ['Changed', page => time(page.updated_at)],
  ],
  fields: [
    {member: 'type', label: 'In place of', kind: 'choice', options: TYPES},
    {member: 'contract_version', label: 'How it is read', kind: 'choice', otherwise: '1', options: [['1', 'as a template: {{ app_name }} and the like are filled in'], ['0', 'as it is']]},
    {member: 'custom_html', label: 'HTML', kind: 'code', must: true, about: 'Scripts do not run, and nothing is loaded from elsewhere but images and styles.'},
  ],
  checked: body => ({...body, contract_version: Number(body.contract_version)}),
  more: page => card('What a template may say', h('p', {class: 'mono'}, (page.type === 'login' ? LOGIN : REFUSAL).map(name => `{{ ${name} }}`).join('  '))),
});
