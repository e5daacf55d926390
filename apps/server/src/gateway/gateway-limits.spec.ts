import { once } from 'node:events';
import type { IncomingRequest, OutgoingResponse } from '@toru/protocol';
import type { RequestLimits } from '../plugins';
import { DEFAULT_GATEWAY_OPTIONS, limitsOfOptions } from './gateway-options';
import { GatewayFixture, head, problemOf, TOKEN, type Connection } from './testing/gateway-fixture';
import { echo, readAll, StreamingPlugin } from './testing/streaming-plugin';

let host: GatewayFixture;
let plugin: StreamingPlugin;
let limits: Partial<RequestLimits>;

beforeEach(async () => {
  host = new GatewayFixture();
  plugin = new StreamingPlugin();
  await Promise.all([host.start(), plugin.start()]);
  limits = {};
  host.acme.stream = plugin.channel;
  host.acme.limits = (path) => ({
    ...{ ...limitsOfOptions(DEFAULT_GATEWAY_OPTIONS, true), queueMs: 20_000 },
    ...(path === '/own' ? {} : limits),
  });
});
afterEach(async () => {
  await host.stop();
  await plugin.stop();
});

const SIGNED_IN = { authorization: TOKEN };
const OK: OutgoingResponse = { status: 200, headers: {}, body: Buffer.from('ok') };

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Connection {
  const connection = host.open();
  connection.socket.write(head(method, `/plugins/acme${path}`, { ...SIGNED_IN, ...headers }));
  return connection;
}

/** Requests that the plugin has, each with what answers it. */
function gate(): {
  given: string[];
  answer: (index: number, response?: OutgoingResponse) => void;
  until: (n: number) => Promise<void>;
} {
  const given: string[] = [];
  const answers: ((response: OutgoingResponse) => void)[] = [];
  let wake: () => void = () => undefined;
  plugin.handler = ({ path }: IncomingRequest) => {
    given.push(path);
    wake();
    return new Promise((resolve) => answers.push(resolve));
  };
  return {
    given,
    answer: (index, response = OK) => answers[index]?.(response),
    until: async (n) => {
      while (given.length < n) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

describe('places', () => {
  it('[PRO-4] [ISO-2] faults 20: more than it may have wait in order, more than may wait are a 503', async () => {
    limits = { concurrency: 1, queue: 1 };
    const { given, answer, until } = gate();
    const first = ask('/1');
    await until(1);
    const second = ask('/2');
    await host.nextRequest();
    const refused = await ask('/3').answer();
    expect(problemOf(refused)).toMatchObject({ status: 503, code: 'plugin_busy', plugin: 'acme' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await host.request('/plugins/other/x')).status).toBe(200);
    answer(0);
    expect((await first.answer()).body).toBe('ok');
    await until(2);
    answer(1);
    expect((await second.answer()).body).toBe('ok');
    expect(given).toEqual(['/acme/1', '/acme/2']);
  });

  it('[PRO-4] whoever waits for too long is a 503, and the plugin never sees it', async () => {
    limits = { concurrency: 1, queue: 1, queueMs: 20 };
    const { given, answer, until } = gate();
    const first = ask('/1');
    await until(1);
    expect(problemOf(await ask('/2', {}, 'POST').answer())).toMatchObject({ status: 503, code: 'plugin_busy' });
    answer(0);
    expect((await first.answer()).status).toBe(200);
    expect(given).toEqual(['/acme/1']);
  });

  it('[RTE-6] faults 20: a client that leaves gives its place up, in the queue and at the plugin', async () => {
    limits = { concurrency: 1, queue: 1 };
    const { given, answer, until } = gate();
    const first = ask('/1');
    await until(1);
    const second = ask('/2');
    await host.nextRequest();
    second.socket.destroy();
    while (!host.accessLog.records.some(({ status }) => status === 499)) await new Promise(setImmediate);
    const third = ask('/3');
    await host.nextRequest();
    first.socket.destroy();
    await until(2);
    answer(1);
    expect((await third.answer()).status).toBe(200);
    expect(given).toEqual(['/acme/1', '/acme/3']);
  });

  it('[RTE-6] an answer that is streamed has its place until it is complete', async () => {
    limits = { concurrency: 1, queue: 0 };
    let finish: () => void = () => undefined;
    plugin.handler = () => ({
      ...{ status: 200, headers: {} },
      body: async (stream) => {
        await stream.write(Buffer.from('begun'));
        await new Promise<void>((resolve) => (finish = resolve));
        stream.end();
      },
    });
    const streaming = ask('/events');
    await once(streaming.socket, 'data');
    expect((await ask('/2').answer()).status).toBe(503);
    finish();
    expect(await streaming.answer()).toMatchObject({ status: 200 });
    plugin.handler = () => OK;
    // the end of the stream goes to the host and to this client side by side
    let status = 503;
    while (status === 503) ({ status } = await ask('/3').answer());
    expect(status).toBe(200);
  });

  it('[ISO-2] a plugin that crashes answers for what it had; what waited is a 503 that is safe to repeat', async () => {
    limits = { concurrency: 1, queue: 1 };
    const { until } = gate();
    const first = ask('/1');
    await until(1);
    const second = ask('/2', {}, 'POST');
    await host.nextRequest();
    await plugin.crash();
    expect(problemOf(await first.answer())).toMatchObject({ code: 'plugin_error' });
    plugin.channel.close();
    expect(problemOf(await second.answer())).toMatchObject({ status: 503, code: 'plugin_unavailable' });
  });
});

describe('times', () => {
  it('[PRO-4] an answer that does not begin in time is a 504; another path may take longer', async () => {
    limits = { firstByteMs: 20 };
    const { answer, until } = gate();
    const own = ask('/own');
    await until(1);
    expect(problemOf(await ask('/slow').answer())).toMatchObject({
      status: 504,
      code: 'plugin_timeout',
      plugin: 'acme',
    });
    answer(0);
    expect((await own.answer()).status).toBe(200);
  });

  it('[RTE-6] faults 20: an answer of which nothing comes any more ends incomplete', async () => {
    // both pieces have come by then, on a busy machine too
    limits = { idleMs: 500 };
    let aborted: Promise<unknown> | undefined;
    plugin.handler = () => ({
      ...{ status: 200, headers: {} },
      body: async (stream) => {
        aborted = new Promise((resolve) => stream.onClose(resolve));
        for (const text of ['one', 'two']) await stream.write(Buffer.from(text));
        await new Promise(() => undefined);
      },
    });
    const text = await ask('/events').rest();
    expect(text).toContain('two');
    // the last chunk is what tells a client that all is there
    expect(text).not.toContain('\r\n0\r\n');
    expect(await aborted).toBeInstanceOf(Error);
  });

  it('[RTE-6] a WebSocket on which nobody says anything ends where that was set', async () => {
    limits = { webSocketIdleMs: 30 };
    plugin.handler = echo;
    const handshake = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    const connection = ask('/ws', { ...handshake, 'sec-websocket-version': '13' });
    expect((await connection.answer()).status).toBe(101);
    expect(await connection.rest()).toBe('');
  });
});

describe('bodies', () => {
  it.each([
    ['declared', { 'content-length': '100001' }],
    ['declared and announced', { 'content-length': '100001', expect: '100-continue' }],
  ])(
    '[RTE-6] faults 20: one that is %s too long for its path is a 413 before any of it is read',
    async (_, headers) => {
      limits = { maxBodyBytes: 100_000 };
      const refused = ask('/small', headers, 'POST');
      expect(problemOf(await refused.answer())).toMatchObject({
        status: 413,
        code: 'payload_too_large',
        plugin: 'acme',
      });
      expect(await refused.rest()).toBe('');
      expect(plugin.received).toEqual([]);
    },
  );

  it('[RTE-6] faults 20: a chunked one that grows too long is a 413, and the plugin is told that it broke off', async () => {
    limits = { maxBodyBytes: 100_000 };
    let end: Promise<unknown> = Promise.resolve();
    plugin.handler = ({ body }) => {
      end = readAll(body).catch((error: unknown) => error);
      return new Promise(() => undefined);
    };
    const connection = ask('/small', { 'transfer-encoding': 'chunked' }, 'POST');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const pump = (): void => {
      if (connection.socket.writable) connection.socket.write(chunk, () => setImmediate(pump));
    };
    pump();
    expect(problemOf(await connection.answer())).toMatchObject({ status: 413, code: 'payload_too_large' });
    await connection.rest();
    expect(await end).toBeInstanceOf(Error);
  });

  it('[PRO-7] Expect: 100-continue: a long body is asked for when its turn has come', async () => {
    limits = { concurrency: 1, queue: 1 };
    const { answer, until } = gate();
    const first = ask('/1');
    await until(1);
    const upload = ask('/2', { 'content-length': '100000', expect: '100-continue' }, 'POST');
    await once(host.server, 'checkContinue');
    expect((await host.request('/plugins/other/x')).status).toBe(200);
    expect(upload.hasBytes).toBe(false);
    answer(0);
    await first.answer();
    expect((await upload.answer()).status).toBe(100);
  });
});
