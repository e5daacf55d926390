import { chooseSeed, runChaos } from '../chaos/chaos-run';

const FOR_MS = 8_000;
/** Only a hang reaches it. */
const TIMEOUT_MS = 180_000;

describe('a dozen plugins that are tormented at random while clients call them', () => {
  it(
    '[ISO-2] [SUP-2] [SUP-8] [LIF-5] [KV-5] [OBS-2] [OBS-3] faults 10-13: everything holds that must',
    async () => {
      const seed = chooseSeed(process.env['TORU_CHAOS_SEED']);
      // it was chaos, and they were served all the same
      const until = ['action kill', 'a question', 'a write by the plugin', 'a write by its page'];
      const { failure, counts } = await runChaos({ seed, forMs: FOR_MS, until });

      expect(failure).toBeUndefined();
      expect(until.filter((what) => !counts.has(what))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
