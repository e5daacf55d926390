import { formatEvent, sse } from './sse';

describe('sse', () => {
  it.each([
    ['text', 'data: text\n\n'],
    [{ data: 'a\nb\r\nc\rd' }, 'data: a\ndata: b\ndata: c\ndata: d\n\n'],
    [{ data: { a: 1 }, event: 'tick', id: '7', retry: 1000 }, 'event: tick\nid: 7\nretry: 1000\ndata: {"a":1}\n\n'],
    [{ data: '' }, 'data: \n\n'],
  ])('[LANG-3] writes %j as browsers read it', (event, expected) => {
    expect(formatEvent(event)).toBe(expected);
  });

  it.each([{ data: '', event: 'a\nb' }, { data: '', id: 'a\rb' }, { data: '', id: 'a\0' }, { data: undefined }])(
    '[LANG-3] refuses %j: it would be another event',
    (event) => {
      expect(() => formatEvent(event)).toThrow(TypeError);
    },
  );

  it('[LANG-3] sends what is yielded, ends with the generator, and says what it is', async () => {
    const response = sse(
      async function* () {
        yield 'one';
        yield { data: 2 };
      },
      { headers: { 'x-more': 'yes' } },
    );

    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'text/event-stream',
      'x-more': 'yes',
    });
    expect(await response.text()).toBe('data: one\n\ndata: 2\n\n');
  });

  it('[LANG-3] tells the generator through its signal, also while it waits', async () => {
    let given: AbortSignal | undefined;
    const response = sse(async function* (signal) {
      given = signal;
      yield 'one';
      await new Promise(() => undefined);
    });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();

    expect(given!.aborted).toBe(true);
  });

  it('[LANG-3] breaks off with a generator that fails', async () => {
    const response = sse(async function* () {
      yield 'one';
      throw new Error('broken');
    });

    await expect(response.text()).rejects.toThrow('broken');
  });

  it('[LANG-3] sends comments into silence', async () => {
    const silent = async function* (): AsyncGenerator<string> {
      await new Promise(() => undefined);
      yield '';
    };
    const reader = sse(silent(), { keepAliveMs: 1 }).body!.getReader();
    // The timer of a stream does not keep the process alive: this one does.
    const awake = setInterval(() => undefined, 1000);
    const { value } = await reader.read();
    clearInterval(awake);
    await reader.cancel();

    expect(Buffer.from(value as Uint8Array).toString()).toBe(':\n\n');
  });
});
