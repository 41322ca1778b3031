// Saving on the condition that nobody else saved meanwhile, and asking before what cannot be taken back.
import {api} from './api.js';
import {act, h, say, table} from './dom.js';

const CHANGED_MEANWHILE = 412;
const GONE = 404;

/** Members the server writes; that they differ says nothing. */
const SERVERS = new Set(['id', 'uid', 'created_at', 'updated_at', 'app_count', 'self_hosted_domains']);

/**
 * What saves one object over the state in which it was read. When somebody else was faster nothing is overwritten: the box shows what
 * they changed beside what was to be saved, and leaves the choice.
 *
 * @param read the value and its tag
 * @param done what to do with the object as it was stored
 */
export function saver(place, read, box, done) {
  let {value: opened, tag} = read;
  const save = async body => {
    box.replaceChildren();
    let stored;
    try {
      stored = await api.put(place, body, tag);
    } catch (refused) {
      if (refused.status === GONE) throw new Error('It is gone: somebody deleted it meanwhile.', {cause: refused});
      if (refused.status !== CHANGED_MEANWHILE) throw refused;
      const now = await api.read(place);
      const question = moved(opened, now.value, body, async () => {
        opened = now.value;
        tag = now.tag;
        await save(body);
      });
      box.replaceChildren(question);
      question.focus();
      return;
    }
    opened = stored.value;
    tag = stored.tag ?? (await api.read(place)).tag;
    await done(stored.value);
  };
  return save;
}

function moved(opened, now, mine, overwrite) {
  const names = [...new Set([...Object.keys(opened), ...Object.keys(now)])]
    .filter(name => !SERVERS.has(name) && JSON.stringify(opened[name]) !== JSON.stringify(now[name]));
  return h('div', {class: 'note warn', role: 'alert', tabindex: '-1'},
    h('p', {}, h('strong', {}, 'Someone changed this meanwhile.'), ' Nothing of yours is saved yet, and nothing of theirs is lost.'),
    h('details', {open: true}, h('summary', {}, 'See the difference'), table('What differs', [
      ['Field', name => name.replaceAll('_', ' ')],
      ['When you opened it', name => shown(opened[name])],
      ['Now', name => shown(now[name])],
      ['Yours', name => shown(mine[name])],
    ], names, 'It was saved again, but reads as it did.')),
    h('div', {class: 'row'},
      h('button', {type: 'button', onclick: () => dispatchEvent(new Event('sallyport:changed'))}, 'Reload, without my changes'),
      h('button', {type: 'button', class: 'danger', onclick: act(overwrite)}, 'Save mine over theirs')));
}

/** A value in a few words. */
function shown(value) {
  if (value === undefined || value === null || value === '') return h('span', {class: 'quiet'}, 'nothing');
  if (Array.isArray(value)) {
    if (value.length === 0) return h('span', {class: 'quiet'}, 'none');
    if (value.every(each => typeof each !== 'object')) return value.join(', ');
    if (value.every(each => typeof each === 'string' || each.name)) return value.map(each => each.name ?? each).join(', ');
  }
  return typeof value === 'object' ? h('code', {}, JSON.stringify(value)) : String(value);
}

let questions = 0;

/** A question that stops everything else; answers whether it was a yes. Escape is a no. */
export function ask(title, yes, ...content) {
  return new Promise(resolve => {
    const id = 'question' + ++questions;
    const dialog = h('dialog', {'aria-labelledby': id}, h('h2', {id}, title), ...content,
      h('div', {class: 'row'}, h('button', {type: 'button', class: 'soft', autofocus: true, onclick: () => dialog.close()}, 'Cancel'),
        h('button', {type: 'button', class: 'danger', onclick: () => dialog.close('yes')}, yes)));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
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
  return [h('div', {class: 'note bad'}, h('p', {}, h('strong', {}, `${count} ${count === 1 ? 'would' : 'would each'} lose access:`)),
    h('ul', {}, examples.map(example => h('li', {}, `${example.who} → ${example.application}`)), count > examples.length && h('li', {}, `and ${count - examples.length} more`))),
    replayed.complete === false && h('p', {class: 'quiet small'}, 'Not everything that was decided could be looked at in time.')];
}

/** Deletes on the condition that it is still what was shown; then goes to the list. */
export async function removeAndLeave(place, tag, list) {
  try {
    await api.remove(place, tag);
  } catch (refused) {
    if (refused.status !== CHANGED_MEANWHILE) throw refused;
    dispatchEvent(new Event('sallyport:changed'));
    throw new Error('Someone changed this meanwhile, so it was not deleted. This is how it is now.', {cause: refused});
  }
  location.hash = list;
  say('Deleted.');
}
