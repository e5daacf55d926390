import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import type { EnabledStateProblem } from './enabled-state.port';
import { FileEnabledState } from './file-enabled-state';
import { temporaryDirectory } from './testing/temporary-directory';

const root = temporaryDirectory();
const directory = (): string => join(root(), '.metadata');
const file = (): string => join(directory(), 'config.json');
const asides = async (): Promise<string[]> =>
  (await readdir(directory())).filter((name) => name.startsWith('config.json.corrupt-'));

async function write(content: string | Buffer): Promise<void> {
  await mkdir(directory(), { recursive: true });
  await writeFile(file(), content);
}

async function read(): Promise<unknown> {
  return JSON.parse(await readFile(file(), 'utf8')) as unknown;
}

async function open(enableNewPlugins = false): Promise<{ state: FileEnabledState; reports: EnabledStateProblem[] }> {
  const reports: EnabledStateProblem[] = [];
  const state = new FileEnabledState({ pluginsDir: root(), enableNewPlugins, report: (p) => reports.push(p) });
  await state.load();
  return { state, reports };
}

describe('FileEnabledState', () => {
  it('[LIF-3] persists as {"plugins": {"<id>": true}} and is read back', async () => {
    const { state } = await open();
    await state.set('acme', true);
    await state.set('other', false);
    expect(await read()).toEqual({ plugins: { acme: true, other: false } });
    const again = (await open()).state;
    expect([again.isEnabled('acme'), again.isEnabled('other')]).toEqual([true, false]);
    expect(await readdir(directory())).toEqual(['config.json']);
  });

  it('[LIF-4] what was never recorded is not enabled, unless the setting turns that round', async () => {
    await write('{"plugins":{"off":false}}');
    expect((await open()).state.isEnabled('new')).toBe(false);
    const { state } = await open(true);
    expect([state.isEnabled('new'), state.isEnabled('off')]).toEqual([true, false]);
  });

  it('[LIF-3] ids are compared without case and keep their spelling', async () => {
    await write('{"plugins":{"Acme":true}}');
    const { state } = await open();
    expect(state.isEnabled('aCME')).toBe(true);
    await state.set('acme', false);
    expect(await read()).toEqual({ plugins: { Acme: false } });
  });

  it('[LIF-3] (faults 5, 31) unknown keys and property names of objects survive and pollute nothing', async () => {
    const text = '{"__proto__":{"x":1},"plugins":{"__proto__":true,"constructor":true},"later":[1,{"a":null}]}';
    await write(text);
    const { state, reports } = await open();
    await state.set('acme', true);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual(
      JSON.parse(text.replace('"constructor":true', '"constructor":true,"acme":true')),
    );
    expect(reports).toEqual([]);
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(state.isEnabled('toString')).toBe(false);
  });

  it('[LIF-3] (faults 31) a value that is no boolean is not enabled, is reported, and survives', async () => {
    await write('{"plugins":{"a":"true","b":1,"c":true}}');
    const { state, reports } = await open(true);
    expect(['a', 'b', 'c'].map((id) => state.isEnabled(id))).toEqual([false, false, true]);
    expect(reports.map((p) => p.plugin)).toEqual(['a', 'b']);
    await state.set('c', false);
    expect(await read()).toEqual({ plugins: { a: 'true', b: 1, c: false } });
    expect(reports).toHaveLength(2);
  });

  it('[LIF-3] two spellings that contradict each other are not enabled until somebody says which', async () => {
    await write('{"plugins":{"acme":true,"ACME":false}}');
    const { state, reports } = await open();
    expect(state.isEnabled('acme')).toBe(false);
    expect(reports).toHaveLength(1);
    await state.set('Acme', true);
    expect(await read()).toEqual({ plugins: { acme: true, ACME: true } });
    expect(state.problems()).toEqual([]);
  });

  it.each([
    ['empty', ''],
    ['truncated', '{"plugins":{"acme":tr'],
    ['no object', '[true]'],
    ['null', 'null'],
    ['plugins as a list', '{"plugins":["acme"]}'],
    ['plugins as null', '{"plugins":null}'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['NUL bytes after a crash', Buffer.alloc(64)],
  ])('[LIF-3] (faults 31) %s: nothing is enabled, the original is kept aside once and never replaced', async (_, text) => {
    await write(text);
    const { state, reports } = await open(true);
    expect(state.isEnabled('acme')).toBe(false);
    expect(reports).toEqual([{ detail: expect.stringContaining('config.json.corrupt-') as string }]);
    expect(await readFile(file())).toEqual(Buffer.from(text));
    await open();
    const kept = await asides();
    expect(kept).toHaveLength(1);
    expect(await readFile(join(directory(), kept[0] as string))).toEqual(Buffer.from(text));

    await state.set('acme', true);
    expect(await read()).toEqual({ plugins: { acme: true } });
    expect(await asides()).toEqual(kept);
    expect(state.isEnabled('acme')).toBe(true);
  });

  it('[LIF-3] (faults 31) a byte order mark of an editor is no corruption', async () => {
    await write('\ufeff{"plugins":{"acme":true}}');
    expect((await open()).state.isEnabled('acme')).toBe(true);
  });

  it('[LIF-3] (faults 31) corrupted while the host runs: kept aside, and no acknowledged change is lost', async () => {
    await write('{"plugins":{"a":true},"mine":1}');
    const { state, reports } = await open();
    await state.set('b', true);
    await write('{"plugins":{"a":fal');
    await state.set('c', true);
    expect(await read()).toEqual({ plugins: { a: true, b: true, c: true }, mine: 1 });
    expect(await readFile(join(directory(), (await asides())[0] as string), 'utf8')).toBe('{"plugins":{"a":fal');
    expect(reports).toHaveLength(1);
  });

  it('[LIF-3] (faults 31) edits by hand while the host runs are taken over by the next write', async () => {
    const { state } = await open();
    await state.set('a', true);
    await write('{"plugins":{"a":false,"d":true},"note":"by hand"}');
    await state.set('c', true);
    expect(await read()).toEqual({ plugins: { a: false, d: true, c: true }, note: 'by hand' });
    expect([state.isEnabled('a'), state.isEnabled('d')]).toEqual([false, true]);
  });

  it('[LIF-3] (faults 31) writes at the same time lose nothing', async () => {
    const { state } = await open();
    const ids = Array.from({ length: 40 }, (_, i) => `p${i}`);
    await Promise.all(ids.map((id) => state.set(id, true)));
    expect(await read()).toEqual({ plugins: Object.fromEntries(ids.map((id) => [id, true])) });
  });

  it('[LIF-3] (faults 31) a directory in its place: not enabled, refused with what to do, and left alone', async () => {
    await mkdir(file(), { recursive: true });
    const { state, reports } = await open(true);
    expect(state.isEnabled('acme')).toBe(false);
    expect(reports).toHaveLength(1);
    await expect(state.set('acme', true)).rejects.toMatchObject({
      code: 'enabled_state_unusable',
      message: expect.stringContaining('move it away') as string,
    });
    expect(state.isEnabled('acme')).toBe(false);
    await rm(file(), { recursive: true });
    await state.set('acme', true);
    expect(state.isEnabled('acme')).toBe(true);
  });

  it('[LIF-3] (faults 31) a FIFO in its place does not hold up the host', async () => {
    await mkdir(directory());
    execFileSync('mkfifo', [file()]);
    const { state } = await open();
    expect(state.problems()).toHaveLength(1);
    await expect(state.set('acme', true)).rejects.toMatchObject({ code: 'enabled_state_unusable' });
  });

  it('[LIF-3] (faults 15) what cannot be written changes nothing', async () => {
    await writeFile(directory(), 'a file where the directory should be');
    const { state } = await open();
    await expect(state.set('acme', true)).rejects.toMatchObject({ code: 'enabled_state_unusable' });
    expect(state.isEnabled('acme')).toBe(false);
  });

  it('[LIF-3] (faults 15) corrupt content that cannot be kept aside is not replaced', async () => {
    await write('{');
    const frozen = Date.parse('2026-01-01T00:00:00Z');
    for (let i = 1; i <= 100; i++) {
      await writeFile(join(directory(), `config.json.corrupt-2026-01-01T00-00-00-000Z${i === 1 ? '' : `-${i}`}`), 'x');
    }
    const state = new FileEnabledState({ pluginsDir: root(), now: () => frozen });
    await state.load();
    await expect(state.set('acme', true)).rejects.toMatchObject({ code: 'enabled_state_unusable' });
    expect(await readFile(file(), 'utf8')).toBe('{');
  });

  it('[LIF-3] (faults 31) any document with any edits in between keeps what it had, but for the ids that were set', async () => {
    const ids = fc.constantFrom('a', 'b', 'c-1', 'constructor');
    const plugins = fc.dictionary(fc.oneof(ids, fc.string()), fc.oneof(fc.boolean(), fc.jsonValue()));
    const documents = fc
      .tuple(fc.dictionary(fc.string(), fc.jsonValue()), plugins)
      .map(([rest, section]) => new Map<string, unknown>([...Object.entries(rest), ['plugins', section]]));
    const steps = fc.array(
      fc.oneof(
        fc.record({ id: ids, enabled: fc.boolean() }),
        documents.map((edit) => ({ edit })),
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(documents, steps, async (initial, list) => {
        let expected = JSON.parse(JSON.stringify(Object.fromEntries(initial))) as { plugins: Record<string, unknown> };
        await write(JSON.stringify(expected));
        const { state } = await open();
        for (const step of list) {
          if ('edit' in step) {
            expected = JSON.parse(JSON.stringify(Object.fromEntries(step.edit))) as typeof expected;
            await write(JSON.stringify(expected));
          } else {
            await state.set(step.id, step.enabled);
            const spellings = Object.keys(expected.plugins).filter((key) => key.toLowerCase() === step.id);
            for (const key of spellings.length === 0 ? [step.id] : spellings) expected.plugins[key] = step.enabled;
            expect(state.isEnabled(step.id)).toBe(step.enabled);
          }
          expect(await read()).toEqual(expected);
        }
        expect(await asides()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
