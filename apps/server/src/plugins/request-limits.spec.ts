import type { HttpLimits } from '@toru/contracts';
import { hostLimits, PluginLimits, type RequestLimits } from './request-limits';

const SETTINGS = {
  ...{ requestTimeoutMs: 30_000, streamIdleMs: 300_000, maxBodyBytes: 1_000, maxUploadBytes: 1_000_000 },
  ...{ pluginConcurrency: 16, pluginRequests: 256, pluginQueue: 100, pluginQueueMs: 10_000 },
};
const limits = (set: HttpLimits, proposed: HttpLimits, path = '/x', protocol: 1 | 2 = 2): RequestLimits =>
  new PluginLimits(set, proposed, hostLimits(SETTINGS, protocol), protocol).of(path);

describe('PluginLimits', () => {
  it("are the host's where nobody says anything else", () => {
    expect(limits({}, {})).toEqual({
      ...{ concurrency: 256, queue: 100, queueMs: 10_000, firstByteMs: 30_000, idleMs: 300_000 },
      ...{ webSocketIdleMs: Infinity, maxBodyBytes: 1_000_000 },
    });
    expect(limits({}, {}, '/x', 1)).toMatchObject({ concurrency: 16, maxBodyBytes: 1_000 });
  });

  const slow = { path: '/slow/*', first_byte_timeout_ms: 5 };
  it.each<[string, HttpLimits, HttpLimits, string, Partial<RequestLimits>]>([
    ['a time that the plugin proposes, longer ones too', {}, { first_byte_timeout_ms: 60_000 }, '/x', { firstByteMs: 60_000 }],
    ['what an administrator says before that', { first_byte_timeout_ms: 7 }, { first_byte_timeout_ms: 9 }, '/x', { firstByteMs: 7 }],
    ['a rule for the path', {}, { first_byte_timeout_ms: 9, paths: [slow] }, '/slow/a/b', { firstByteMs: 5 }],
    ['no rule for another path', {}, { first_byte_timeout_ms: 9, paths: [slow] }, '/slow', { firstByteMs: 9 }],
    ['the first rule that matches', {}, { paths: [slow, { path: '/slow/a', first_byte_timeout_ms: 8 }] }, '/slow/a', { firstByteMs: 5 }],
    ['the root as /', {}, { paths: [{ path: '/', idle_timeout_ms: 5 }] }, '', { idleMs: 5 }],
    ["an administrator's word for all before the plugin's for a path", { first_byte_timeout_ms: 7 }, { paths: [slow] }, '/slow/a', { firstByteMs: 7 }],
    ["the plugin's for a path where the administrator says nothing", { concurrency: 2 }, { paths: [slow] }, '/slow/a', { firstByteMs: 5, concurrency: 2 }],
    ['fewer places and bytes where the plugin proposes so', {}, { concurrency: 4, queue: 5, max_body_bytes: 6 }, '/x', { concurrency: 4, queue: 5, maxBodyBytes: 6 }],
    ['no more of them', {}, { concurrency: 999, queue: 999, max_body_bytes: 1e12 }, '/x', { concurrency: 256, queue: 100, maxBodyBytes: 1_000_000 }],
    ['unless an administrator says so', { concurrency: 999, queue: 999, max_body_bytes: 1e12 }, {}, '/x', { concurrency: 999, queue: 999, maxBodyBytes: 1e12 }],
    ['0 as any time', { idle_timeout_ms: 0 }, { idle_timeout_ms: 5 }, '/x', { idleMs: Infinity, webSocketIdleMs: Infinity }],
    ['an idle time for WebSockets where somebody has set it', {}, { idle_timeout_ms: 5 }, '/x', { idleMs: 5, webSocketIdleMs: 5 }],
  ])('[PRO-4] take %s', (_, set, proposed, path, expected) => {
    expect(limits(set, proposed, path)).toMatchObject(expected);
  });

  it('[PRO-7] faults 20: a body of version 1 never outgrows its frame', () => {
    expect(limits({ max_body_bytes: 1e12 }, {}, '/x', 1).maxBodyBytes).toBe(15 * 1024 * 1024);
  });

  it('[API-6] tell what comes of them, for each path that anybody has a rule for too', () => {
    const set = { idle_timeout_ms: 7, paths: [{ path: '/a/*', max_body_bytes: 1 }] };
    const proposed = { first_byte_timeout_ms: 9, paths: [slow, { path: '/a/*', idle_timeout_ms: 8 }, { path: '/a/b', max_body_bytes: 2 }] };
    const { summary } = new PluginLimits(set, proposed, hostLimits(SETTINGS, 2), 2);
    expect(summary).toEqual({
      ...{ concurrency: 256, queue: 100, queue_timeout_ms: 10_000 },
      ...{ first_byte_timeout_ms: 9, idle_timeout_ms: 7, max_body_bytes: 1_000_000 },
      paths: [
        { path: '/a/*', first_byte_timeout_ms: 9, idle_timeout_ms: 7, max_body_bytes: 1 },
        { path: '/slow/*', first_byte_timeout_ms: 5, idle_timeout_ms: 7, max_body_bytes: 1_000_000 },
        { path: '/a/b', first_byte_timeout_ms: 9, idle_timeout_ms: 7, max_body_bytes: 1 },
      ],
    });
    expect(new PluginLimits({ idle_timeout_ms: 0 }, {}, hostLimits(SETTINGS, 2), 2).summary).toMatchObject({ idle_timeout_ms: 0 });
  });
});
