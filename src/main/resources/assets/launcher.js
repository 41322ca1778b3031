// Makes the portal's search instant and its tiles reachable by arrow keys. Without it the form asks the server.
(() => {
  const field = document.getElementById('q');
  const list = document.getElementById('tiles');
  if (!field || !list) return;
  const tiles = [...list.children];
  const count = document.getElementById('count');
  const nothing = document.getElementById('nothing');
  const hint = document.querySelector('kbd');
  document.documentElement.classList.add('scripted');

  // A picture that is not to be had leaves the letter of its tile. One that was lost before this ran is asked for once more.
  list.querySelectorAll('img').forEach(image => {
    image.addEventListener('error', () => {
      image.nextElementSibling.hidden = false;
      image.remove();
    });
    if (image.complete && image.naturalWidth === 0) image.src = image.src;
  });

  hint.hidden = false;

  const links = () => tiles.filter(tile => !tile.hidden).map(tile => tile.firstElementChild);

  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(word => word);
    tiles.forEach(tile => {
      tile.hidden = !words.every(word => tile.dataset.words.includes(word));
    });
    const shown = links().length;
    nothing.hidden = shown > 0;
    count.textContent = words.length ? `${shown} ${shown === 1 ? 'application' : 'applications'}` : '';
  };

  const typing = element => element && /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

  field.addEventListener('input', filter);

  document.getElementById('search').addEventListener('submit', event => {
    event.preventDefault();
    links()[0]?.click();
  });

  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && !typing(document.activeElement)) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === 'Escape' && document.activeElement === field) {
      field.value = '';
      filter();
    } else if (event.key === 'ArrowDown' && document.activeElement === field) {
      event.preventDefault();
      links()[0]?.focus();
    } else if (list.contains(document.activeElement) && event.key.startsWith('Arrow')) {
      event.preventDefault();
      move(event.key);
    }
  });

  // Up and down go by what lies there on the screen, so they fit any number of columns.
  const move = key => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    const columns = all.filter(link => link.offsetTop === all[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
    if (at + step < 0) field.focus();
    else all[Math.min(at + step, all.length - 1)].focus();
  };
})();
