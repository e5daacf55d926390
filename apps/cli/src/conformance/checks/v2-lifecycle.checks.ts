import { FEATURES_V2 } from '@toru/contracts';
import { asString, decodeReadyV2, field, ProtocolError } from '@toru/protocol';
import { defineChecks } from '../check';
import { demand, fail } from '../check-error';
import type { Kit } from '../kit';
import { describeEnd, type RunningPlugin } from '../process/launch';
import { isDoneWhileSlow } from './while-slow';

const rule = 'protocol-v2.md#3-life';
/** A wrong configuration or licence: the host does not try again. */
const EXIT_CONFIGURATION = 78;
const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

async function greeting(kit: Kit): Promise<Awaited<ReturnType<Kit['greetingOf']>>> {
  const host = await kit.v2();
  return host.greeting;
}

async function startWithoutLicense(kit: Kit, plugin: RunningPlugin, isRequired: boolean): Promise<void> {
  const host = await kit.greet(plugin, { license_key: null });
  try {
    const { envelope, payload } = await kit.greetingOf(host);
    const answer = [asString(envelope, 'action'), asString(payload, 'code')].filter(Boolean).join(' ');
    const expected = isRequired ? 'failed license' : 'ready';
    demand(answer === expected, `it answered ${answer}, and ${expected} was due`);
    if (!isRequired) return;
    const exit = await plugin.process.exitWithin(kit.timeoutMs);
    demand(exit?.code === EXIT_CONFIGURATION, exit ? `it ${describeEnd(plugin.process)}` : 'it still runs');
  } finally {
    host.destroy();
  }
}

export const V2_LIFECYCLE_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/ready',
    expects: 'init is answered with ready within 10 s of it, whatever unknown fields and features it has',
    run: async (kit) => {
      const { payload } = await greeting(kit);
      try {
        decodeReadyV2(payload);
      } catch (error) {
        if (error instanceof ProtocolError) fail(error.message);
        throw error;
      }
    },
  },
  {
    id: 'v2/ready-features',
    expects: 'ready lists those of the offered features that the plugin uses, and no others',
    run: async (kit) => {
      const { payload } = await greeting(kit);
      const features = field(payload, 'features');
      if (!Array.isArray(features)) fail('ready has no list of features');
      const known: readonly unknown[] = FEATURES_V2;
      const odd = (features as unknown[]).filter((name) => !known.includes(name));
      demand(odd.length === 0, `ready claims ${JSON.stringify(odd).slice(0, 100)}, which this version does not have`);
    },
  },
  {
    id: 'v2/ready-timestamp',
    expects: 'ready has a timestamp: RFC 3339, UTC',
    rule: 'protocol-v2.md#2-envelope',
    run: async (kit) => {
      const { envelope } = await greeting(kit);
      const timestamp = asString(envelope, 'timestamp') ?? '';
      demand(
        RFC_3339_UTC.test(timestamp),
        `the timestamp is ${JSON.stringify(field(envelope, 'timestamp') ?? null).slice(0, 60)}`,
      );
    },
  },
  {
    id: 'v2/license',
    expects: 'without a licence key: failed with the code license and status 78 if the metadata need one, else ready',
    level: 'should',
    run: async (kit) => {
      const isRequired = (await kit.pluginMetadata())?.license === 'required';
      const hasKey = (kit.options.licenseKey ?? '') !== '';
      // then the shared process was started without one too
      if (!isRequired && !hasKey && kit.shared.isReady) return;
      await kit.withFresh((plugin) => startWithoutLicense(kit, plugin, isRequired), '');
    },
  },
  {
    id: 'v2/ping',
    expects: 'a ping is answered with a pong of the same request_id',
    rule: 'protocol-v2.md#4-ping',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ping();
      await Promise.all(Array.from({ length: 20 }, () => host.ping()));
    },
  },
  {
    id: 'v2/ping-while-busy',
    expects: 'a ping is answered while a handler is busy',
    rule: 'protocol-v2.md#4-ping',
    needs: 'slow',
    run: async (kit) => {
      const host = await kit.v2();
      const isAnswered = await isDoneWhileSlow(kit, host, () => host.ping());
      demand(isAnswered, 'the pong came only after the slow answer');
    },
  },
  {
    id: 'v2/settings',
    expects: 'lifecycle/settings is taken while the plugin serves',
    run: async (kit) => {
      const host = await kit.v2();
      host.lifecycle('settings', { settings: kit.options.settings, x_unknown: 1 });
      await host.ask({});
    },
  },
  {
    id: 'v2/small-window',
    expects: 'the limits of init are kept: a plugin that is given a max_frame of 64 KiB sends no larger frame',
    needs: 'download',
    run: async (kit) => {
      const limits = { max_frame: 65_536, window: 65_536 };
      await kit.withFreshSession(
        async ({ host }) => {
          host.limitTo(limits.max_frame, limits.window);
          const answer = await host.ask({ path: `${kit.route('download')}?bytes=300000` });
          const { length } = await answer.bytes();
          demand(length === 300_000, `a download of 300000 bytes has ${length}`);
        },
        { limits },
      );
      const fault = kit.observations.faultOf('v2/window');
      demand(fault === undefined, fault ?? '');
    },
  },
  {
    id: 'v2/messages',
    expects:
      'every message has a type, a request_id where it needs one, and a payload that is an object; only types of a plugin come',
    rule: 'protocol-v2.md#2-envelope',
    run: async (kit) => {
      const host = await kit.v2();
      await host.ask({});
      await host.ping();
      const fault = kit.observations.faultOf('v2/messages');
      demand(fault === undefined, fault ?? '');
    },
  },
]);
