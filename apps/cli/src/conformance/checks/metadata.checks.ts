import { MAX_METADATA_BYTES, parseMetadata } from '@toru/protocol';
import { defineChecks } from '../check';
import { demand, fail, skip } from '../check-error';
import type { Kit } from '../kit';
import type { RunResult } from '../process/run-once';

const rule = 'protocol.md#metadata';

async function complete(kit: Kit): Promise<RunResult> {
  const result = await kit.metadata();
  if (result.tooSlow || result.tooLarge || result.exitCode === null) skip('--metadata did not come to its end');
  return result;
}

export const METADATA_CHECKS = defineChecks({ rule }, [
  {
    id: 'metadata/time',
    expects: '--metadata ends within 5 s',
    run: async (kit) => {
      const { tooSlow } = await kit.metadata();
      demand(!tooSlow, `it was still running after ${kit.options.metadataTimeoutMs} ms`);
    },
  },
  {
    id: 'metadata/size',
    expects: '--metadata prints at most 64 KiB',
    run: async (kit) => {
      const { tooLarge } = await kit.metadata();
      demand(!tooLarge, `it printed more than ${MAX_METADATA_BYTES} bytes`);
    },
  },
  {
    id: 'metadata/exit',
    expects: '--metadata exits with status 0',
    run: async (kit) => {
      const { tooSlow, tooLarge, problem } = await kit.metadata();
      if (tooSlow || tooLarge) skip('it was ended by the kit');
      if (problem !== undefined) fail(problem);
    },
  },
  {
    id: 'metadata/json',
    expects: 'one JSON object in UTF-8 on standard output, without byte order mark, and nothing else',
    run: async (kit) => {
      const { stdout } = await complete(kit);
      const parsed = parseMetadata(stdout);
      // problems of single fields begin with the field
      if (!parsed.ok && parsed.reason.startsWith('The metadata')) fail(parsed.reason);
    },
  },
  {
    id: 'metadata/fields',
    expects: 'the required fields are there, and every field keeps its rule',
    run: async (kit) => {
      const { stdout } = await complete(kit);
      const parsed = parseMetadata(stdout);
      if (parsed.ok) return;
      if (parsed.reason.startsWith('The metadata')) skip('there is no JSON object');
      fail(parsed.reason);
    },
  },
  {
    id: 'metadata/leftover',
    expects: 'no process is left when --metadata has ended',
    run: async (kit) => {
      const { leftovers } = await complete(kit);
      demand(leftovers.length === 0, `${leftovers.length} process(es) of it still ran`);
    },
  },
  {
    id: 'metadata/repeatable',
    expects: 'a second --metadata prints the same',
    run: async (kit) => {
      const { stdout } = await complete(kit);
      const second = await kit.callMetadata();
      demand(second.problem === undefined, `the second time ${second.problem ?? ''}`);
      demand(second.stdout.equals(stdout), 'it printed something else the second time');
    },
  },
]);
