// What was entered and not saved is not lost by leaving a page without a word.
import {onWrite} from './api.js';
import {h} from './dom.js';
import {ask} from './saving.js';

let touched = false;
let asking = false;
let here = location.hash;

/** A search is no work, and neither is what a question or the door asks, nor a choice that leads to another page. */
const isWork = (control, form) => form && form.getAttribute('role') !== 'search' && !form.closest('dialog, .door') && !control.matches('[data-leads]');

const touch = event => { touched ||= Boolean(isWork(event.target, event.target.closest?.('form'))); };
['input', 'change'].forEach(kind => document.addEventListener(kind, touch));

// Moving and taking away is work, too.
document.addEventListener('click', event => {
  if (event.target.closest?.('form button[type=button]')?.matches('[data-by], .danger')) touch(event);
});

onWrite(() => { touched = false; });

// A link is asked about before it leads anywhere, so that the history stays as it was. Cancel means what it says.
document.addEventListener('click', async event => {
  const link = event.target.closest?.('a[href^="#"]');
  if (!touched || !link || event.ctrlKey || event.metaKey || event.shiftKey || link.hash === '#main') return;
  if (link.textContent === 'Cancel') {
    touched = false;
    return;
  }
  event.preventDefault();
  if (await leave()) location.hash = link.hash;
}, true);

async function leave() {
  if (asking) return false;
  asking = true;
  try {
    if (!await ask('Leave without saving?', 'Leave', h('p', {}, 'What you entered on this page is not saved yet.'))) return false;
    touched = false;
    return true;
  } finally {
    asking = false;
  }
}

// The tab is closed, or another address typed: the browser asks in its own words.
addEventListener('beforeunload', event => {
  if (touched) event.preventDefault();
});

/** The view is another: nothing entered there is on the screen any more. */
export function shown() {
  touched = false;
  here = location.hash;
}

/** Whether the page may be left that Back or a typed address has left already. Its address stands again until that is said. */
export async function mayLeave() {
  if (!touched) return true;
  const wanted = location.hash;
  history.replaceState(null, '', here || '#/');
  if (!await leave()) return false;
  history.replaceState(null, '', wanted);
  return true;
}
