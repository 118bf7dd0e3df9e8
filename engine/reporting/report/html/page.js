// Search, filter by host, keys. The page is whole without it: statuses, diffs and themes are switched by the style.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  const byId = (id) => document.getElementById(id);
  const search = byId('search');
  const host = byId('host');
  const expand = byId('expand');
  const cards = [...document.querySelectorAll('.card')];
  const texts = new Map();

  // The text of a card is what it says; it is read when it is first searched.
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, `${card.textContent} ${card.dataset.hosts}`.toLowerCase());
    return texts.get(card);
  };

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = host === null ? '' : host.value;
    const switched = new Set(
      [...document.querySelectorAll('.statuses input:not(:checked)')].map((input) => input.id.slice('show-'.length)),
    );
    let shown = 0;
    for (const card of cards) {
      const here = only === '' || card.dataset.hosts.split(' ').includes(only);
      const fits = here && words.every((word) => textOf(card).includes(word));
      card.hidden = !fits;
      if (fits && !switched.has(card.dataset.status)) shown += 1;
    }
    for (const row of document.querySelectorAll('.matrix tbody tr')) {
      const links = [...row.querySelectorAll('.cell')];
      row.hidden = links.length > 0 && links.every((link) => byId(link.hash.slice(1))?.hidden);
    }
    for (const part of document.querySelectorAll('[data-host]')) {
      part.hidden = only !== '' && part.dataset.host !== '' && part.dataset.host !== only;
    }
    if (words.length > 0) for (const more of document.querySelectorAll('.more')) more.open = true;
    byId('shown').textContent = shown === cards.length ? '' : `${shown} of ${cards.length} shown`;
  }

  search.addEventListener('input', filter);
  host?.addEventListener('change', filter);
  document.querySelector('.statuses').addEventListener('change', filter);

  expand.addEventListener('click', () => {
    const open = expand.getAttribute('aria-pressed') === 'false';
    for (const details of document.querySelectorAll('details')) details.open = open;
    expand.setAttribute('aria-pressed', String(open));
    expand.textContent = open ? 'close all' : 'open all';
  });

  // A link to a card opens it.
  function openTarget() {
    const target = location.hash.length > 1 && byId(location.hash.slice(1));
    if (!target?.matches?.('.card')) return;
    for (let part = target; part; part = part.parentElement?.closest('details')) part.open = true;
    target.querySelector('summary').focus({ preventScroll: true });
    target.scrollIntoView({ block: 'start' });
  }
  window.addEventListener('hashchange', openTarget);
  openTarget();

  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches('input[type="search"], select');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === 'Escape' && event.target === search) {
      search.value = '';
      filter();
    }
  });

  // One stop for the tabulator key in the matrix; arrows go from cell to cell.
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  for (const table of document.querySelectorAll('.matrix')) {
    const links = [...table.querySelectorAll('.cell')];
    links.slice(1).forEach((link) => {
      link.tabIndex = -1;
    });
    table.addEventListener('keydown', (event) => {
      const move = MOVES[event.key];
      const cell = event.target.closest('td');
      if (move === undefined || cell === null) return;
      event.preventDefault();
      let row = cell.parentElement.rowIndex;
      let column = cell.cellIndex;
      for (;;) {
        row += move[0];
        column += move[1];
        const next = table.rows[row]?.cells[column];
        if (next === undefined) return;
        const link = next.querySelector('.cell');
        if (link === null || link.offsetParent === null) continue;
        event.target.tabIndex = -1;
        link.tabIndex = 0;
        link.focus();
        return;
      }
    });
  }

  // The theme stays, where the browser lets a file keep something.
  const KEY = 'runbook-theme';
  try {
    const kept = byId(`theme-${localStorage.getItem(KEY)}`);
    if (kept) kept.checked = true;
  } catch {}
  for (const input of document.querySelectorAll('[name="theme"]')) {
    input.addEventListener('change', () => {
      try {
        localStorage.setItem(KEY, input.value);
      } catch {}
    });
  }

  // Paper cannot be clicked on.
  let closed = [];
  window.addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')];
    for (const details of closed) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of closed) details.open = false;
  });
})();
