// Saving on the condition that nobody else saved meanwhile, and asking before what cannot be taken back.
import {api} from './api.js';
import {act, h, refresh, say, select, table} from './dom.js';
import {differences, isSecret, merged} from './merging.js';
import {ruleText} from './rules.js';

const CHANGED_MEANWHILE = 412;
const GONE = 404;

/**
 * What saves one object over the state in which it was read. When somebody else was faster nothing is overwritten: the box shows what
 * they changed beside what was to be saved, and leaves the choice field by field.
 *
 * @param read the value and its tag
 * @param done what to do with the object as it was stored; shows the view again or another one, since this form knows the state before
 * @param write how the API takes it
 */
export function saver(place, read, box, done, write = api.put) {
  let {value: opened, tag} = read;
  const save = async body => {
    box.replaceChildren();
    let stored;
    try {
      stored = await write(place, body, tag);
    } catch (refused) {
      if (refused.status === GONE) throw new Error('It is gone: somebody deleted it meanwhile.', {cause: refused});
      if (refused.status !== CHANGED_MEANWHILE) throw refused;
      const now = await api.read(place);
      const question = moved(opened, now.value, body, async chosen => {
        opened = now.value;
        tag = now.tag;
        await save(chosen);
      });
      box.replaceChildren(question);
      question.focus();
      return;
    }
    await done(stored.value);
  };
  return save;
}

function moved(opened, now, mine, save) {
  const found = differences(opened, now, mine).map(each => ({...each, choice: choice(each)}));
  const go = act(async () => {
    const open = found.find(each => each.choice.value === '');
    if (open) {
      open.choice.focus();
      throw new Error(`Both of you changed “${open.label}”. Choose which one to keep.`);
    }
    await save(merged(mine, found.filter(each => each.choice.value !== 'mine').map(each => [each.path, each[each.choice.value]])));
  });
  return h('div', {class: 'note warn', role: 'alert', tabindex: '-1'},
    h('p', {}, h('strong', {}, 'Someone changed this meanwhile.'), ' Nothing of yours is saved yet, and nothing of theirs is lost. ',
      found.length > 0 && 'Choose for each field they changed what to keep; everything else is saved as you have it.'),
    table('What they changed', [
      ['Field', each => h('strong', {}, each.label)],
      ['When you opened it', each => shown(each.before, each.path)],
      ['Theirs', each => shown(each.theirs, each.path)],
      ['Yours', each => each.touched ? shown(each.ours, each.path) : h('span', {class: 'quiet'}, 'not touched')],
      ['Keep', each => each.choice],
    ], found, 'It was saved again, but reads as it did, or just as you have it.'),
    h('div', {class: 'row'},
      h('button', {type: 'button', onclick: go}, found.length > 0 ? 'Save as chosen' : 'Save'),
      h('button', {type: 'button', class: 'soft', onclick: act(refresh)}, 'Reload, without my changes')));
}

/** What is only theirs stays theirs; lists are put together; of two answers to one question the admin chooses. */
function choice({label, touched, both}) {
  const options = [touched && !both && ['', 'Choose …'], ['theirs', 'Theirs'], ['mine', 'Yours'], touched && both && ['both', 'Both']].filter(Boolean);
  const control = select('keep', options, touched ? (both ? 'both' : '') : 'theirs');
  control.setAttribute('aria-label', 'Keep for ' + label);
  return control;
}

/** A value in a few words. */
function shown(value, path) {
  if (isSecret(path)) return h('span', {class: 'quiet'}, 'not shown');
  if (value === undefined || value === null || value === '') return h('span', {class: 'quiet'}, 'nothing');
  if (Array.isArray(value)) {
    if (value.length === 0) return h('span', {class: 'quiet'}, 'none');
    if (value.every(each => typeof each !== 'object')) return value.join(', ');
    if (value.every(each => typeof each === 'string' || each.name)) return value.map(each => each.name ?? each).join(', ');
    if (['include', 'require', 'exclude'].includes(path.at(-1))) return value.map(ruleText).join(', ');
  }
  return typeof value === 'object' ? h('code', {}, JSON.stringify(value)) : String(value);
}

let questions = 0;

/** A question that stops everything else; answers whether it was a yes. Escape is a no, and so is a key pressed too often. */
export const ask = (title, yes, ...content) => question('danger', title, yes, content);

/** The same for what does no harm, with something to enter. */
export const offer = (title, yes, ...content) => question('', title, yes, content);

function question(kind, title, yes, content) {
  return new Promise(resolve => {
    const id = 'question' + ++questions;
    const cancel = h('button', {type: 'button', class: 'soft', onclick: () => dialog.close()}, 'Cancel');
    const form = h('form', {onsubmit: event => {
      event.preventDefault();
      dialog.close('yes');
    }}, h('h2', {id}, title), ...content, h('div', {class: 'row'}, cancel, h('button', {type: 'submit', class: kind}, yes)));
    const dialog = h('dialog', {'aria-labelledby': id}, form);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector('input, select, textarea') ?? cancel).focus();
  });
}

/** Who would lose access by a change, as a paragraph and examples; worked out on what was decided before and on everybody known. */
export async function losers(proposal) {
  let replayed;
  try {
    replayed = await api.post('sallyport/replay', {...proposal, examples: 8});
  } catch (refused) {
    return [h('p', {class: 'note warn'}, `Who would lose access could not be worked out: ${refused.message}`)];
  }
  const {count, examples} = replayed.lose;
  if (count === 0) return [h('p', {class: 'note good'}, 'Nobody known would lose access.')];
  return [h('div', {class: 'note bad'}, h('p', {}, h('strong', {}, `${count} would lose access:`)),
    h('ul', {}, examples.map(example => h('li', {}, `${example.who} → ${example.application}`)), count > examples.length && h('li', {}, `and ${count - examples.length} more`))),
    replayed.complete === false && h('p', {class: 'quiet small'}, 'Not everything that was decided could be looked at in time.')];
}

/** Who would gain and who would lose by a change that is not made yet. */
export async function consequences(proposal) {
  const replayed = await api.post('sallyport/replay', proposal);
  const lines = [['lose', 'bad', 'lose access'], ['gain', 'good', 'gain access']].flatMap(([kind, colour, words]) => {
    const count = replayed[kind]?.count ?? 0;
    if (count === 0) return [];
    const {examples} = replayed[kind];
    return [h('div', {class: 'note ' + colour}, h('strong', {}, `${count} would ${words}:`),
      h('ul', {}, examples.slice(0, 10).map(example => h('li', {}, `${example.who ?? 'somebody'} → ${example.application}`)),
        count > 10 && h('li', {}, `and ${count - 10} more`)))];
  });
  const questions = (replayed.decisions?.asked ?? 0) + (replayed.users?.asked ?? 0);
  return [...lines.length > 0 ? lines : [h('p', {class: 'note good'}, 'Nobody known would gain or lose access.')],
    h('p', {class: 'quiet small'}, `Worked out on ${questions} ${questions === 1 ? 'question' : 'questions'}: what was decided before, and everybody known once${replayed.complete === false ? '; there are more' : ''}.`)];
}

/** Deletes on the condition that it is still what was shown; then goes to the list. */
export async function removeAndLeave(place, tag, list) {
  try {
    await api.remove(place, tag);
  } catch (refused) {
    if (refused.status !== CHANGED_MEANWHILE) throw refused;
    await refresh();
    throw new Error('Someone changed this meanwhile, so it was not deleted. This is how it is now.', {cause: refused});
  }
  location.hash = list;
  say('Deleted.');
}
