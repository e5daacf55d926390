import { parseListenAddress } from './listen-address';

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['metrics.local:65535', { host: 'metrics.local', port: 65_535 }],
  ])('[OBS-5] takes %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(['9464', ':9464', '::1:9464', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', 'a b:1', 'http://x:1', '[]:1'])(
    '[OBS-5] refuses %s',
    (text) => {
      expect(parseListenAddress(text)).toBeUndefined();
    },
  );
});
