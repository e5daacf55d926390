import fc from 'fast-check';
import { LineSplitter, MAX_LINE_BYTES, type SplitLine } from './line-splitter';

function split(chunks: readonly Buffer[], maxLineBytes?: number): SplitLine[] {
  const lines: SplitLine[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), maxLineBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

/** Bytes in which line ends, long characters and broken ones are frequent. */
const piece = fc.oneof(
  fc.constantFrom('\n', '\r', '\r\n', 'ä', '€', '🧩', 'x', 'some words').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
);
const output = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.concat(pieces));

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('LineSplitter', () => {
  it('[OBS-1] gives the same lines however the bytes arrive', () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        const expected = bytes.toString('latin1').split(/\r\n|\r|\n/);
        if (expected.at(-1) === '') expected.pop();
        expect(split(cutAt(bytes, cuts))).toEqual(
          expected.map((line) => ({ text: Buffer.from(line, 'latin1').toString('utf8'), cutBytes: 0 })),
        );
      }),
    );
  });

  it('[OBS-1] keeps the beginning of a long line, counts the rest, and cuts no character in two', () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat(), { maxLength: 8 }), fc.integer({ min: 4, max: 20 }), (bytes, cuts, max) => {
        const whole = split([bytes]);
        const cut = split(cutAt(bytes, cuts), max);
        expect(cut).toEqual(split([bytes], max));
        expect(cut).toHaveLength(whole.length);
        cut.forEach((line, index) => {
          if (line.cutBytes === 0) expect(line.text).toBe(whole[index]?.text);
        });
      }),
    );
    expect(split([Buffer.from('ab€\n')], 4)).toEqual([{ text: 'ab', cutBytes: 3 }]);
    expect(split([Buffer.from('a€b\n')], 4)).toEqual([{ text: 'a€', cutBytes: 1 }]);
  });

  it('[OBS-1] stays bounded when megabytes come without a newline', () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'a');
    const lines = split([...Array.from({ length: 8 }, () => megabyte), Buffer.from('\nnext')]);
    expect(lines).toEqual([
      { text: 'a'.repeat(MAX_LINE_BYTES), cutBytes: 8 * megabyte.length - MAX_LINE_BYTES },
      { text: 'next', cutBytes: 0 },
    ]);
  });

  it('[OBS-1] counts what it discards, and still gives the last lines', () => {
    const lines: SplitLine[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    splitter.push(Buffer.from('begun '));
    const discarded = splitter.discard(Buffer.from(`${'line\r\n'.repeat(10_000)}the last words\r`));
    splitter.push(Buffer.from('\nafter'));
    splitter.end();
    expect(discarded + lines.length).toBe(10_002);
    expect(lines.length).toBeLessThan(300);
    expect(lines.slice(-2).map((line) => line.text)).toEqual(['the last words', 'after']);
    expect(new Set(lines.slice(1, -2).map((line) => line.text))).toEqual(new Set(['line']));
  });

  it('[OBS-1] bounds a discarded line without an end', () => {
    const lines: SplitLine[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let round = 0; round < 4; round += 1) expect(splitter.discard(Buffer.alloc(MAX_LINE_BYTES, 'b'))).toBe(0);
    splitter.end();
    expect(lines).toEqual([{ text: 'b'.repeat(MAX_LINE_BYTES), cutBytes: 3 * MAX_LINE_BYTES }]);
  });
});
