import { encodeFrameV2 } from '@toru/protocol';
import { writeTinyPlugin } from '../fixtures/tiny-plugin';
import { startHost, type TestHost } from '../support/host';
import { servesDuring } from '../support/serves-during';
import { untilSupervisorLines } from '../support/supervisor-log';
import { untilRead } from '../support/until-read';

/** What a plugin of version 2 answers to `init`, whether it ends with its connection, and what is wrong with it. */
const WRONG_GREETINGS: readonly (readonly [id: string, answer: Buffer, ends: boolean, reason: RegExp])[] = [
  ['greets-with-version-1', Buffer.concat(encodeFrameV2(ready(1))), true, /The protocol.* must be 2/],
  ['greets-with-a-tail', Buffer.concat(encodeFrameV2(ready(2), Buffer.from('tail'))), false, /with a tail/],
  ['greets-with-http', Buffer.concat(encodeFrameV2({ type: 'http', request_id: '1' })), false, /open request/],
];

function ready(protocol: number): object {
  return { type: 'lifecycle', action: 'ready', timestamp: '2026-01-01T00:00:00Z', payload: { protocol, features: [] } };
}

function greetsWrongly(answer: Buffer, ends: boolean): string {
  return `
listener = socket.socket(socket.AF_UNIX)
listener.bind(os.environ['TORU_PLUGIN_SOCKET'])
listener.listen(8)
connection, _ = listener.accept()
connection.recv(65536)
connection.sendall(bytes.fromhex('${answer.toString('hex')}'))
while connection.recv(65536): pass
${ends ? 'sys.exit(1)' : 'hang()'}`;
}

/** Faults 6: what a plugin may make of the path of its socket. */
describe('a plugin without a socket that answers', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        neighbour: {},
        'no-socket': { behaviour: 'no-socket', enabled: false },
        'a-file': { behaviour: 'file-at-socket', enabled: false },
        'a-link': { behaviour: 'symlink-at-socket', enabled: false },
        // its neighbour has all the time that it needs on a busy machine
        stopped: {
          ...{ behaviour: 'socket-not-accepting', enabled: false },
          metadata: { http: { first_byte_timeout_ms: 500 } },
        },
      },
      env: {
        TORU_READY_TIMEOUT_MS: '10000',
        // none of them is started again while anything is looked at
        TORU_BACKOFF_BASE_MS: '3600000',
        TORU_BACKOFF_MAX_MS: '3600000',
        TORU_SHUTDOWN_GRACE_MS: '300',
        TORU_KILL_DELAY_MS: '300',
      },
      prepare: ({ plugins }) => {
        for (const [id, answer, ends] of WRONG_GREETINGS) {
          writeTinyPlugin(plugins, { id, does: greetsWrongly(answer, ends), metadata: { protocol: 2 } });
        }
      },
    });
    await host.untilPlugin('neighbour', 'running');
    await untilRead(host);
  });
  afterAll(() => host.dispose());

  it.each([
    ['no-socket', /made no socket.*10000 ms/],
    ['a-file', /is no socket/],
    ['a-link', /is no socket/],
  ])('faults 6: [LIF-1] [ISO-2] %s is refused with a clear error, and its process ended', async (id, reason) => {
    const response = await servesDuring(host, 'neighbour', () =>
      host.api(`/api/plugins/${id}/enable`, { method: 'POST' }),
    );

    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({
      ...{ code: 'plugin_start_failed', plugin: id, detail: expect.stringMatching(reason) },
    });
    expect(await host.plugin(id)).toMatchObject({ status: 'backoff', enabled: true, pid: null });
    expect(host.livingPluginsOf(id)).toEqual([]);
    const lines = await untilSupervisorLines(host, id, 'restart');
    expect(lines.map(({ action }) => action)).toEqual(['enable', 'spawn', 'not_ready', 'crash', 'restart']);
    const problem = await host.api(`/plugins/${id}/echo`);
    expect(problem.status).toBe(503);
    expect(await problem.json()).toMatchObject({ code: 'plugin_unavailable', plugin: id });
  });

  it.each(WRONG_GREETINGS)('faults 8: [PRO-8] [SUP-3] %s is closed once, for its reason', async (id, _, __, reason) => {
    const response = await host.api(`/api/plugins/${id}/enable`, { method: 'POST' });

    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(reason) });
    const { status, reason: shown } = await host.plugin(id);
    expect(status).toBe('backoff');
    expect(shown).toMatch(/^what it answered to init breaks the protocol: /);
    expect(shown).toMatch(reason);
    const lines = await untilSupervisorLines(host, id, 'restart');
    const actions = ['enable', 'spawn', 'protocol_error', 'not_ready', 'crash', 'restart'];
    expect(lines.map(({ action }) => action)).toEqual(actions);
    expect(lines.filter(({ message }) => reason.test(message))).toHaveLength(3);
    expect(host.livingPluginsOf(id)).toEqual([]);
  });

  it('faults 6: one that the kernel accepts for and nobody reads times out, and can be disabled', async () => {
    await servesDuring(host, 'neighbour', async () => {
      await host.api('/api/plugins/stopped/enable', { method: 'POST' });
      expect([502, 503, 504]).toContain((await host.api('/plugins/stopped/echo')).status);
      expect(await host.disable('stopped')).toMatchObject({ plugin: { status: 'disabled' } });
    });

    expect(host.livingPluginsOf('stopped')).toEqual([]);
  });

  it('faults 13: [LIF-2] disabling during the wait after a crash ends the wait', async () => {
    expect((await host.plugin('no-socket')).next_retry_at).not.toBeNull();
    await host.disable('no-socket');

    expect(await host.plugin('no-socket')).toMatchObject({ status: 'disabled', next_retry_at: null, enabled: false });
    await host.stop();
    expect(host.livingPlugins()).toEqual([]);
  });
});
