/* global CSSStyleSheet, document */
// The page in the console: an ES module that exports `mount` and `unmount`.
const style = new CSSStyleSheet();
style.replaceSync(`
  .notes-rust { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; max-width: 40rem; padding: 24px; font: var(--mat-sys-body-large);
    border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px;
    color: var(--mat-sys-on-surface); background: var(--toru-card); }
  .notes-rust h1 { margin: 0; font: var(--mat-sys-headline-small); }
  .notes-rust form, .notes-rust li { display: flex; gap: 12px; align-items: center; }
  .notes-rust ul { display: grid; gap: 8px; margin: 0; padding: 0; list-style: none; }
  .notes-rust li span, .notes-rust input { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .notes-rust input { padding: 10px 12px; font: inherit; color: inherit; background: var(--mat-sys-surface);
    border: 1px solid var(--mat-sys-outline); border-radius: 8px; }
  .notes-rust button { padding: 12px 20px; border: 0; border-radius: 22px; font: var(--mat-sys-label-large);
    color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
  .notes-rust :focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }`);

export function mount(container, api) {
  container.innerHTML = `
    <section class="notes-rust">
      <h1>📝 Notes</h1>
      <form><input aria-label="New note" maxlength="500" required /><button>Add</button></form>
      <ul aria-label="Notes"></ul>
    </section>`;
  const [form, input, list] = ['form', 'input', 'ul'].map((name) => container.querySelector(name));

  const ask = async (path, init) => {
    const response = await api.fetch(path, init);
    if (!response.ok) throw new Error(await response.text());
    return response.status === 204 ? undefined : await response.json();
  };
  const show = async () => list.replaceChildren(...(await ask('/notes')).map(item));
  const attempt = (action) => action().catch((error) => api.showToast(error.message, 'error'));

  function item({ id, text }) {
    const row = document.createElement('li');
    const label = document.createElement('span');
    const button = document.createElement('button');
    label.textContent = text;
    button.textContent = 'Delete';
    button.setAttribute('aria-label', `Delete ${text}`);
    button.addEventListener('click', () => attempt(() => ask(`/notes/${id}`, { method: 'DELETE' }).then(show)));
    row.append(label, button);
    return row;
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(async () => {
      const body = JSON.stringify({ text: input.value });
      await ask('/notes', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      input.value = '';
      await show();
    });
  });
  document.adoptedStyleSheets.push(style);
  void attempt(show);
}

export function unmount(container) {
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
  container.replaceChildren();
}
