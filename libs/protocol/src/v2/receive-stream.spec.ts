import { StreamError } from './connection-errors';
import { ReceiveStream } from './receive-stream';

const WINDOW = 100;

interface Data {
  readonly payload: { readonly credit: number };
}

function stream() {
  const sent: unknown[] = [];
  const port = { send: (head: string) => void sent.push(JSON.parse(head)), closed: () => undefined };
  return { sent, receive: new ReceiveStream(2, WINDOW, port) };
}

describe('ReceiveStream.forEach', () => {
  it('[RTE-6] hands over what came before and after, each turn in one piece, and ends', async () => {
    const { receive } = stream();
    const taken: string[] = [];
    receive.accept(Buffer.from('before'));
    const whole = receive.forEach((bytes) => {
      taken.push(Buffer.from(bytes).toString());
      return undefined;
    });
    await Promise.resolve();
    receive.accept(Buffer.from('one'));
    receive.accept(Buffer.from(' two'));
    receive.accept(Buffer.from(' three'));
    await new Promise(setImmediate);
    receive.accept(Buffer.from('last'));
    receive.complete();
    await whole;
    expect(taken).toEqual(['before', 'one two three', 'last']);
  });

  it('[RTE-6] takes no more, and so gives no credit, until what it waits for is there', async () => {
    const { receive, sent } = stream();
    let go: () => void = () => undefined;
    const taken: number[] = [];
    const whole = receive.forEach((bytes) => {
      taken.push(bytes.length);
      return new Promise<void>((resolve) => (go = resolve));
    });
    receive.accept(Buffer.alloc(40));
    await new Promise(setImmediate);
    receive.accept(Buffer.alloc(60));
    await new Promise(setImmediate);
    expect([taken, sent]).toEqual([[40], []]);
    expect(() => receive.accept(Buffer.alloc(1))).toThrow('window');
    go();
    await new Promise(setImmediate);
    expect([taken, sent]).toEqual([[40, 60], [{ type: 'data', payload: { stream: 2, credit: 100 } }]]);
    receive.complete();
    go();
    await whole;
  });

  it('[RTE-6] gives a reader that waits for the bytes a larger window, up to four times that of init', async () => {
    const { receive, sent } = stream();
    const whole = receive.forEach(() => undefined);
    let credit = 0;
    const windows: number[] = [];
    for (let received = 0; received < 1500; received += 50) {
      receive.accept(Buffer.alloc(50));
      await new Promise(setImmediate);
      credit = sent.reduce<number>((sum, message) => sum + (message as Data).payload.credit, 0);
      windows.push(WINDOW + credit - received - 50);
    }
    expect(Math.max(...windows)).toBe(4 * WINDOW);
    expect(() => receive.accept(Buffer.alloc(4 * WINDOW + 1))).toThrow('window');
    receive.complete();
    await whole;
  });

  it('[RTE-6] gives a reader for whom the bytes wait no larger window', async () => {
    const { receive, sent } = stream();
    for (let received = 0; received < 1500; received += 50) {
      receive.accept(Buffer.alloc(50));
      expect((await receive.read())?.length).toBe(50);
    }
    expect(sent.map((message) => (message as Data).payload.credit)).toEqual(Array(30).fill(50));
  });

  it('[RTE-6] leaves the rest to others once no more is wanted', async () => {
    const { receive } = stream();
    const whole = receive.forEach(() => false);
    receive.accept(Buffer.from('a'));
    await whole;
    receive.accept(Buffer.from('b'));
    expect(Buffer.from((await receive.read()) ?? []).toString()).toBe('b');
  });

  it('[RTE-6] rejects with what breaks the stream off, and with what the taker throws', async () => {
    const broken = stream().receive;
    const taken: number[] = [];
    const whole = broken.forEach((bytes) => {
      taken.push(bytes.length);
      return undefined;
    });
    await Promise.resolve();
    broken.accept(Buffer.alloc(1));
    broken.fail(new StreamError('gone', 'It is gone'));
    await expect(whole).rejects.toThrow('It is gone');
    expect(taken).toEqual([]);
    const { receive } = stream();
    receive.accept(Buffer.alloc(1));
    const failing = receive.forEach(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
  });
});
