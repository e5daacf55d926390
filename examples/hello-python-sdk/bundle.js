/* global window, document, CSSStyleSheet */
// The page in the console: a script that registers `mount` and `unmount` under the plugin's id.
(() => {
  const style = new CSSStyleSheet();
  style.replaceSync(`
    .hello-python-sdk { display: grid; gap: 16px; justify-items: start; max-width: 36rem; padding: 24px;
      border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px; font: var(--mat-sys-body-large);
      color: var(--mat-sys-on-surface); background: var(--toru-card); }
    .hello-python-sdk h1 { margin: 0; font: var(--mat-sys-headline-small); }
    .hello-python-sdk p { margin: 0; color: var(--mat-sys-on-surface-variant); overflow-wrap: anywhere; }
    .hello-python-sdk output { font: var(--mat-sys-display-medium); color: var(--mat-sys-primary); }
    .hello-python-sdk button { padding: 12px 24px; border: 0; border-radius: 22px; font: var(--mat-sys-label-large);
      color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
    .hello-python-sdk button:focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }
  `);

  const view = `
    <section class="hello-python-sdk">
      <h1>🐍 Hello from the Python SDK</h1>
      <p>Visits, counted in the host's storage:</p>
      <output data-testid="visits">…</output>
      <button type="button">Visit again</button>
      <p>Instance <code data-testid="instance-id">…</code></p>
    </section>`;

  window.ToruPlugins = window.ToruPlugins || {};
  window.ToruPlugins['hello-python-sdk'] = {
    mount(container, api) {
      document.adoptedStyleSheets.push(style);
      container.innerHTML = view;
      const visit = async () => {
        try {
          const response = await api.fetch('/visits', { method: 'POST' });
          if (!response.ok) throw new Error(`The visit was not counted (${response.status})`);
          const answer = await response.json();
          container.querySelector('[data-testid=visits]')?.replaceChildren(answer.visits);
          container.querySelector('[data-testid=instance-id]')?.replaceChildren(answer.instance_id);
        } catch (error) {
          api.showToast(error.message, 'error');
        }
      };
      container.querySelector('button').addEventListener('click', visit);
      visit();
    },
    unmount(container) {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
      container.replaceChildren();
    },
  };
})();
