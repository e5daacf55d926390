// The page in the console: an ES module that exports `mount` and `unmount`. It runs in the browser.
const style = new CSSStyleSheet();
style.replaceSync(`
  .stream-node { display: grid; gap: 16px; justify-items: start; max-width: 36rem; padding: 24px;
    border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px; font: var(--mat-sys-body-large);
    color: var(--mat-sys-on-surface); background: var(--toru-card); }
  .stream-node h1 { margin: 0; font: var(--mat-sys-headline-small); }
  .stream-node p { margin: 0; color: var(--mat-sys-on-surface-variant); overflow-wrap: anywhere; }
  .stream-node output { font: var(--mat-sys-title-large); color: var(--mat-sys-primary); }
  .stream-node button { padding: 10px 24px; border: 0; border-radius: 20px; font: var(--mat-sys-label-large);
    color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
  .stream-node button:focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }`);

const leaving = new WeakMap();

export function mount(container, api) {
  const left = new AbortController();
  leaving.set(container, left);
  document.adoptedStyleSheets.push(style);
  container.innerHTML = `
    <section class="stream-node">
      <h1>🌊 Streams from Node</h1>
      <p>The plugin's clock, sent as events:</p>
      <output data-testid="clock">…</output>
      <p>Clicks, counted in the host's storage:</p>
      <output data-testid="clicks">…</output>
      <button type="button">Click</button>
    </section>`;
  const show = (name, text) => container.querySelector(`[data-testid=${name}]`)?.replaceChildren(text);
  const attempt = (action) =>
    action().catch((error) => {
      if (!left.signal.aborted) api.showToast(error.message, 'error');
    });
  const ask = async (path, init) => {
    const response = await api.fetch(path, { ...init, signal: left.signal });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response;
  };
  const count = (method) =>
    attempt(async () => show('clicks', (await (await ask('/counters/clicks', { method })).json()).count));

  container.querySelector('button').addEventListener('click', () => count('POST'));
  void count('GET');
  void attempt(async () => {
    let text = '';
    for await (const part of (await ask('/clock')).body.pipeThrough(new TextDecoderStream())) {
      const events = (text + part).split('\n\n');
      text = events.pop();
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data) show('clock', JSON.parse(data).time);
      }
    }
  });
}

export function unmount(container) {
  leaving.get(container)?.abort();
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
  container.replaceChildren();
}
