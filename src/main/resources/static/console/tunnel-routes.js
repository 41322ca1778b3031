// Which hosts lead into a tunnel, and where each goes behind it.
import {act, card, check, field, flush, h, input, refresh, say, table} from './dom.js';
import {saver} from './saving.js';

const REST = 'http_status:404';

/** The routes: to be changed here when the tunnel is configured here, to be read otherwise. */
export function routesCard(place, tunnel, configuration) {
  const config = configuration.value?.config ?? {};
  const rules = config.ingress ?? [];
  if (!tunnel.remote_config) return flush('Routes', routes(rules, 'The connector’s own file says which hosts lead where.'));
  const shown = h('div', {}, routes(rules, 'No host leads here yet.'),
    h('p', {class: 'below'}, h('button', {type: 'button', class: 'soft', onclick: () => shown.replaceWith(editor(place, configuration, config))}, rules.length > 0 ? 'Change routes' : 'Add a route')));
  return flush('Routes', shown);
}

function routes(rules, nothing) {
  return table('Routes', [
    ['Host', rule => h('span', {class: 'mono'}, rule.hostname || rule.path ? (rule.hostname ?? '') + (rule.path ?? '') : 'everything else')],
    ['Goes to', rule => h('span', {class: 'mono'}, rule.service)],
  ], rules, nothing);
}

function editor(place, configuration, config) {
  const all = structuredClone(config.ingress ?? []);
  const last = all.at(-1);
  const rest = last && !last.hostname && !last.path ? all.pop() : {service: REST};
  const rules = all.length > 0 ? all : [{hostname: '', service: ''}];
  const rows = h('div', {});
  const draw = focus => {
    rows.replaceChildren(...rules.map((rule, i) => {
      const host = entry(rule, 'hostname', 'wiki.example.com', {required: true});
      if (i === focus) queueMicrotask(() => host.focus());
      return h('fieldset', {}, h('legend', {}, `Route ${i + 1}`),
        h('div', {class: 'row'}, field('Host', host), field('Goes to', entry(rule, 'service', 'http://localhost:3000', {required: true}))),
        h('details', {open: Boolean(rule.path || rule.originRequest)}, h('summary', {}, 'More'),
          h('div', {class: 'row'}, field('Only these paths (regular expression)', entry(rule, 'path', 'all')),
            field('Host header it is told', request(rule, 'httpHostHeader'))), trust(rule)),
        h('button', {type: 'button', class: 'danger tiny', 'aria-label': `Remove route ${i + 1}`, onclick: () => {
          rules.splice(i, 1);
          draw(Math.max(0, i - 1));
        }}, 'Remove'));
    }));
  };
  draw();
  const other = entry(rest, 'service', REST, {required: true});
  const box = h('div', {role: 'status'});
  const save = saver(place + '/configurations', configuration, box, async () => {
    await refresh();
    say('Saved. Connectors that run take it over at once.');
  });
  return h('form', {class: 'inset', onsubmit: act(async () => save({config: {...config, ingress: [...rules, rest].map(tidy)}}))},
    rows, h('p', {}, h('button', {type: 'button', class: 'soft tiny', onclick: () => {
      rules.push({hostname: '', service: ''});
      draw(rules.length - 1);
    }}, 'Add a route')),
    field('Everything else goes to', other, true), box,
    h('div', {class: 'row'}, h('button', {type: 'submit'}, 'Save'),
      h('button', {type: 'button', class: 'soft', onclick: act(refresh)}, 'Cancel')));
}

function entry(rule, member, placeholder, more = {}) {
  return input(member, {value: rule[member] ?? '', placeholder, oninput: event => { rule[member] = event.target.value.trim(); }, ...more});
}

function request(rule, member) {
  return input(member, {value: rule.originRequest?.[member] ?? '', oninput: event => {
    rule.originRequest = {...rule.originRequest, [member]: event.target.value.trim()};
  }});
}

function trust(rule) {
  return check('Believe any certificate of it', {checked: rule.originRequest?.noTLSVerify === true, onchange: event => {
    rule.originRequest = {...rule.originRequest, noTLSVerify: event.target.checked};
  }});
}

/** Without what is empty, which a connector would take for a setting. */
function tidy(rule) {
  const full = object => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== '' && value !== false && value !== undefined));
  const {originRequest, ...plain} = rule;
  const kept = full(originRequest ?? {});
  return {...full(plain), ...(Object.keys(kept).length > 0 && {originRequest: kept})};
}
