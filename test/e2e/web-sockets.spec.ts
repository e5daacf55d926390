import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AccessRecord } from '../../apps/server/src/gateway/gateway.ports';
import { startHost, type TestHost } from '../support/host';
import { rawRequest } from '../support/raw-request';
import { addToken, addUser, PASSWORD } from '../support/users';
import { LiveSocket } from '../support/web-sockets';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('WebSockets of plugins', () => {
  let host: TestHost;
  let admin: { cookie: string; origin: string };

  beforeAll(async () => {
    host = await startHost({
      plugins: { old: {} },
      env: {
        ...{ TORU_BACKOFF_BASE_MS: '20', TORU_BACKOFF_MAX_MS: '20', TORU_TRUSTED_PROXIES: '127.0.0.9' },
        // all of them say goodbye when they are asked to, in their own time
        TORU_SHUTDOWN_GRACE_MS: '30000',
      },
    });
    const file = path.join(host.directories.plugins, 'live.binary');
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', 'test/fixtures/web-sockets.ts', '-o', file], {
      cwd: ROOT,
    });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.enable('live');
    await host.untilPlugin('live', 'running');
    await host.untilPlugin('old', 'running');
    admin = { cookie: await host.adminCookie(), origin: host.url };
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const open = (at: string, headers: Record<string, string>): Promise<LiveSocket> =>
    new LiveSocket(host, at, headers).opened();
  const asViewer = async (name: string): Promise<{ id: string; cookie: string; origin: string }> => {
    const id = await addUser(host, name, 'viewer');
    return { id, cookie: await host.signIn(name, PASSWORD), origin: host.url };
  };

  it.each(['/plugins/live/live', '/api/plugins/route/live/live', '/api/plugins/live/live'])(
    '[RTE-6] %s carries text, bytes and a long message there and back',
    async (at) => {
      const socket = await open(at, admin);
      for (const data of [Buffer.from('žluťoučký'), randomBytes(70_000), randomBytes(1024 * 1024), Buffer.alloc(0)]) {
        const binary = data.length > 1000;
        socket.client.send(data, { binary });
        const answer = await socket.next();
        expect(answer.binary).toBe(binary);
        expect(answer.data.equals(data)).toBe(true);
      }
      socket.client.close(1000);
      expect(await socket.closed).toEqual({ code: 1000 });
    },
  );

  it('[RTE-5] [RTE-6] a session, a viewer and a token are told to the plugin, a public path needs none', async () => {
    const viewer = await asViewer('viewer');
    const { token } = await addToken(host, 'socket', 'viewer');
    const who = async (headers: Record<string, string>): Promise<unknown> =>
      (await open('/plugins/live/live', headers)).ask('who');

    expect(await who(admin)).toEqual(['admin', 'admin', '127.0.0.1']);
    expect(await who({ cookie: viewer.cookie, origin: host.url })).toEqual(['viewer', 'viewer', '127.0.0.1']);
    expect(await who({ authorization: `Bearer ${token}` })).toEqual(['token:socket', 'viewer', '127.0.0.1']);
    const hook = await open('/plugins/live/hook/live', { origin: 'https://evil.example', cookie: admin.cookie });
    expect(JSON.parse((await hook.next()).data.toString())).toEqual([null, null]);
    expect(await hook.closed).toEqual({ code: 1000 });
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a port of its own', { origin: 'http://127.0.0.1:1' }],
    ['nothing that tells where it comes from', {}],
  ])('faults 27: with the cookie and %s a handshake is refused', async (_, headers) => {
    await expect(open('/plugins/live/live', { cookie: admin.cookie, ...headers })).rejects.toThrow('answered 403');
  });

  it.each([
    ['/plugins/live/live', false, 'answered 401'],
    ['/plugins/old/live', true, 'answered 501'],
    ['/plugins/live/hook/headers', true, 'answered 200'],
    ['/plugins/nobody/live', true, 'answered 404'],
    ['/api/plugins/live/logs', true, 'answered 200'],
    ['/api/nothing', true, 'answered 404'],
  ])('[RTE-6] a handshake to %s, signed in: %s, is %s', async (at, signedIn, message) => {
    await expect(open(at, signedIn ? admin : {})).rejects.toThrow(message);
  });

  it('[RTE-6] 200 at once, each with its own answers', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => open('/plugins/live/live', admin)));
    await Promise.all(
      sockets.map(async (socket, i) => {
        for (let n = 0; n < 3; n++) socket.client.send(`${i} ${n}`);
        for (let n = 0; n < 3; n++) expect((await socket.next()).data.toString()).toBe(`${i} ${n}`);
        socket.client.close();
        await socket.closed;
      }),
    );
  });

  it('faults 27: sockets and streams end when their session ends, those of others go on', async () => {
    const viewer = await asViewer('leaver');
    const credentials = { cookie: viewer.cookie, origin: host.url };
    const [socket, other] = [await open('/plugins/live/live', credentials), await open('/plugins/live/live', admin)];
    const stream = await fetch(new URL('/plugins/live/events', host.url), { headers: credentials });
    const reader = stream.body!.getReader();
    await reader.read();
    await rawRequest(host.url, '/api/auth/logout', { method: 'POST', headers: credentials });

    expect(await socket.closed).toEqual({ code: 1006 });
    await expect(reader.read()).rejects.toThrow();
    expect(await other.ask('who')).toEqual(['admin', 'admin', '127.0.0.1']);
  });

  it.each([
    ['role changes', { role: 'admin' }],
    ['password is changed', { password: 'another password of a test' }],
  ])('faults 27: sockets end when the %s', async (name, json) => {
    const viewer = await asViewer(name.replaceAll(' ', '-'));
    const socket = await open('/plugins/live/live', { cookie: viewer.cookie, origin: host.url });
    await host.json(`/api/users/${viewer.id}`, { method: 'PATCH', json });
    expect(await socket.closed).toEqual({ code: 1006 });
  });

  it('faults 27: sockets end when their token is revoked', async () => {
    const { token, id } = await addToken(host, 'revoked', 'viewer');
    const socket = await open('/plugins/live/live', { authorization: `Bearer ${token}` });
    await host.api(`/api/auth/tokens/${id}`, { method: 'DELETE' });
    expect(await socket.closed).toEqual({ code: 1006 });
  });

  it('[RTE-5] faults 22: only a trusted proxy may say who the client is', async () => {
    const headers = {
      authorization: `Bearer ${(await addToken(host, 'proxy', 'viewer')).token}`,
      'x-forwarded-for': '203.0.113.1, 192.0.2.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'toru.example',
    };
    const seen = async (from: string): Promise<unknown> =>
      JSON.parse((await rawRequest(host.url, '/plugins/live/hook/headers', { headers, from })).text) as unknown;

    expect(await seen('127.0.0.9')).toMatchObject({
      'x-forwarded-for': '192.0.2.7, 127.0.0.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'toru.example',
    });
    expect(await seen('127.0.0.8')).toMatchObject({
      'x-forwarded-for': '127.0.0.8',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(host.url).host,
    });
  });

  it('faults 26: behind a trusted proxy guesses are counted by client', async () => {
    const guess = async (client: string): Promise<number> =>
      (
        await rawRequest(host.url, '/api/auth/login', {
          ...{ method: 'POST', from: '127.0.0.9', body: JSON.stringify({ username: 'nobody', password: 'wrong' }) },
          headers: { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.1, ${client}` },
        })
      ).status;
    const statuses = await Promise.all(Array.from({ length: 12 }, () => guess('192.0.2.1')));

    expect(statuses).toContain(429);
    expect(await guess('192.0.2.2')).toBe(401);
  });

  it('faults 10: a plugin that crashes ends its sockets at once, and comes back', async () => {
    const socket = await open('/plugins/live/live', admin);
    socket.client.send('crash');
    expect(await socket.closed).toEqual({ code: 1006 });
    await host.waitFor('the plugin to serve again', () => open('/plugins/live/live', admin));
  });

  it('[SUP-7] a plugin that is disabled says goodbye', async () => {
    const socket = await open('/plugins/live/live', admin);
    await host.disable('live');
    expect(await socket.closed).toEqual({ code: 1001 });
    await host.enable('live');
    await host.untilPlugin('live', 'running');
  });

  it('[SUP-7] so it does when the host ends, which writes one line for each socket', async () => {
    const socket = await open('/plugins/live/live?token=secret', admin);
    socket.client.send('x'.repeat(100));
    await socket.next();
    await host.stop();
    expect(await socket.closed).toEqual({ code: 1001 });

    const lines = readFileSync(path.join(host.directories.log, 'host.log'), 'utf8').trimEnd().split('\n');
    const sockets = lines
      .map((line) => JSON.parse(line) as Partial<AccessRecord>)
      .filter(({ status }) => status === 101);
    const { bytes = 0, bytes_received: received = 0, ...line } = sockets.at(-1) ?? {};
    expect(line).toMatchObject({ method: 'GET', path: '/plugins/live/live', plugin: 'live', user: 'admin' });
    expect(line.duration_ms).toEqual(expect.any(Number));
    // the same message and goodbye both ways; what a client sends has a mask of 4 bytes on each
    expect(bytes).toBeGreaterThan(100);
    expect(received).toBe(bytes + 8);
    expect(lines.join()).not.toContain('token=secret');
  });
});
