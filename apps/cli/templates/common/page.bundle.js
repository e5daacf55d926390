// The plugin's page in the console: an ES module that exports `mount` and `unmount`. It runs in the browser.
const style = new CSSStyleSheet();
// The console's own colours and type: they follow its theme, light or dark.
style.replaceSync(`
  .plugin-{{id}} { display: grid; gap: 16px; justify-items: start; max-width: 36rem; padding: 24px;
    border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px; font: var(--mat-sys-body-large);
    color: var(--mat-sys-on-surface); background: var(--toru-card); overflow-wrap: anywhere; }
  .plugin-{{id}} h1 { margin: 0; font: var(--mat-sys-headline-small); }
  .plugin-{{id}} p { margin: 0; }
  .plugin-{{id}} [role='alert'] { color: var(--mat-sys-error); }
  .plugin-{{id}} button { padding: 12px 24px; border: 0; border-radius: 22px; font: var(--mat-sys-label-large);
    color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
  .plugin-{{id}} button:focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }`);

export function mount(container, api) {
  document.adoptedStyleSheets.push(style);
  container.innerHTML = `
    <section class="plugin-{{id}}">
      <h1>🧩 {{title}}</h1>
      <p role="status"></p>
      <p role="alert" hidden></p>
      <button type="button">Visit again</button>
    </section>`;
  const [status, alert, button] = ['[role=status]', '[role=alert]', 'button'].map((each) =>
    container.querySelector(each),
  );
  const visit = async () => {
    alert.hidden = true;
    status.textContent = 'Loading…';
    try {
      const response = await api.fetch('/visits', { method: 'POST' });
      if (!response.ok) throw new Error(`The plugin answered ${response.status}; its log says why.`);
      const { greeting, last_visit: lastVisit } = await response.json();
      const when = lastVisit === null ? 'never' : new Date(lastVisit).toLocaleString(api.locale);
      status.textContent = `${greeting} Last visit: ${when}.`;
    } catch (error) {
      status.textContent = '';
      alert.textContent = error.message;
      alert.hidden = false;
    }
  };
  button.addEventListener('click', visit);
  void visit();
}

export function unmount(container) {
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
  container.replaceChildren();
}
