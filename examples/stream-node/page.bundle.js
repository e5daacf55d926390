// The page in the console: an ES module that exports `mount` and `unmount`. It runs in the browser.
const MIB = 1_048_576;
const UPLOAD_MIB = 32;
const DOWNLOAD_MIB = 32;

const style = new CSSStyleSheet();
style.replaceSync(`
  .stream-node { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
    max-width: 56rem; font: var(--mat-sys-body-large); color: var(--mat-sys-on-surface); }
  .stream-node > h1 { grid-column: 1 / -1; margin: 0; font: var(--mat-sys-headline-small); }
  .stream-node section { display: grid; gap: 12px; align-content: start; justify-items: start; padding: 24px; min-width: 0;
    border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px; background: var(--toru-card); }
  .stream-node h2 { margin: 0; font: var(--mat-sys-title-medium); }
  .stream-node p { margin: 0; color: var(--mat-sys-on-surface-variant); overflow-wrap: anywhere; }
  .stream-node output { font: var(--mat-sys-title-large); color: var(--mat-sys-primary); overflow-wrap: anywhere; }
  .stream-node progress { width: 100%; accent-color: var(--mat-sys-primary); }
  .stream-node form { display: flex; flex-wrap: wrap; gap: 8px; width: 100%; }
  .stream-node input { flex: 1 1 8rem; min-width: 0; padding: 10px 12px; border: 1px solid var(--mat-sys-outline);
    border-radius: 8px; font: inherit; color: inherit; background: transparent; }
  .stream-node button { padding: 12px 24px; border: 0; border-radius: 22px; font: var(--mat-sys-label-large);
    color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
  .stream-node button:disabled { color: var(--mat-sys-on-surface); background: var(--mat-sys-surface-container-highest);
    cursor: default; }
  .stream-node :is(button, input):focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }`);

const html = `
  <div class="stream-node">
    <h1>🌊 Streams from Node</h1>
    <section>
      <h2>Clock</h2>
      <p>The plugin's time, sent as events:</p>
      <output data-testid="clock">…</output>
    </section>
    <section>
      <h2>Echo</h2>
      <p>A WebSocket that sends back what it gets:</p>
      <form><input aria-label="Message" value="Hello" autocomplete="off"><button disabled>Send</button></form>
      <output data-testid="echo">…</output>
    </section>
    <section>
      <h2>Download</h2>
      <p>${DOWNLOAD_MIB} MiB, made as fast as they are taken:</p>
      <progress aria-label="Download" max="${DOWNLOAD_MIB * MIB}" value="0"></progress>
      <button type="button" data-action="download">Download</button>
      <output data-testid="download"></output>
    </section>
    <section>
      <h2>Upload</h2>
      <p>${UPLOAD_MIB} MiB, counted by the plugin as they come:</p>
      <progress aria-label="Upload" max="${UPLOAD_MIB * MIB}" value="0"></progress>
      <button type="button" data-action="upload">Upload</button>
      <output data-testid="upload"></output>
    </section>
  </div>`;

const leaving = new WeakMap();

export function mount(container, api) {
  const left = new AbortController();
  const { signal } = left;
  leaving.set(container, left);
  document.adoptedStyleSheets.push(style);
  container.innerHTML = html;
  const $ = (selector) => container.querySelector(selector);
  const show = (name, text) => $(`[data-testid=${name}]`)?.replaceChildren(text);
  const ask = async (path, init) => {
    const response = await api.fetch(path, { ...init, signal: init?.signal ?? signal });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response;
  };
  const attempt = async (action) => {
    try {
      await action();
    } catch (error) {
      if (!signal.aborted) api.showToast(error.message, 'error');
    }
  };

  void attempt(async () => {
    const clock = await ask('/clock');
    for await (const { time } of events(clock)) show('clock', new Date(time).toLocaleTimeString(api.locale));
  });
  onClick($('[data-action=download]'), () => attempt(() => download(ask, show, $('progress[aria-label=Download]'))));
  onClick($('[data-action=upload]'), () => attempt(() => upload(ask, show, $('progress[aria-label=Upload]'))));
  openEcho($('form'), (text) => show('echo', text), signal);
}

export function unmount(container) {
  leaving.get(container)?.abort();
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
  container.replaceChildren();
}

function onClick(button, action) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    await action();
    button.disabled = false;
  });
}

async function download(ask, show, progress) {
  progress.value = 0;
  const response = await ask(`/download?bytes=${DOWNLOAD_MIB * MIB}`);
  for await (const chunk of response.body) progress.value += chunk.length;
  show('download', `${progress.value / MIB} MiB`);
}

async function upload(ask, show, progress) {
  progress.value = 0;
  const name = Math.random().toString(36).slice(2);
  const done = new AbortController();
  const watching = (async () => {
    const told = await ask(`/uploads/${name}`, { signal: done.signal });
    for await (const { bytes } of events(told)) progress.value = bytes;
  })().catch(() => undefined);
  try {
    const body = new Blob([new Uint8Array(UPLOAD_MIB * MIB)]);
    const answer = await (await ask(`/upload?name=${name}`, { method: 'POST', body })).text();
    const { bytes, sha256 } = JSON.parse(answer.trimEnd().split('\n').at(-1));
    progress.value = bytes;
    show('upload', `${bytes / MIB} MiB, SHA-256 ${sha256.slice(0, 12)}…`);
  } finally {
    done.abort();
    await watching;
  }
}

/** Below the page's own route the host passes a WebSocket on to the plugin. */
function openEcho(form, show, signal) {
  const socket = new WebSocket(new URL('/plugins/stream-node/echo', location.href.replace(/^http/, 'ws')));
  const button = form.querySelector('button');
  socket.onopen = () => (button.disabled = false);
  socket.onmessage = ({ data }) => show(data);
  socket.onclose = ({ code, reason }) => {
    button.disabled = true;
    if (!signal.aborted) show(`closed: ${code} ${reason}`);
  };
  signal.addEventListener('abort', () => socket.close());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    socket.send(form.querySelector('input').value);
  });
}

/** The data of server-sent events, as they come. */
async function* events(response) {
  let text = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (text + part).split('\n\n');
    text = parts.pop();
    for (const each of parts) {
      const data = /^data: (.*)$/m.exec(each)?.[1];
      if (data) yield JSON.parse(data);
    }
  }
}
