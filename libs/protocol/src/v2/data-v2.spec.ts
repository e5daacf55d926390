import { bytesHead, creditHead, streamOfBytesHead } from './data-v2';

describe('the head of bytes', () => {
  it('[PRO-7] is known without parsing it', () => {
    for (const stream of [1, 2, 10, 1234567890, 999_999_999_999_999]) {
      expect(streamOfBytesHead(Buffer.from(bytesHead(stream, false)))).toBe(stream);
    }
  });

  it.each([
    bytesHead(1, true),
    creditHead(1, 5),
    '{"type":"data","payload":{"stream":0}}',
    '{"type":"data","payload":{"stream":01}}',
    '{"type":"data","payload":{"stream":-1}}',
    '{"type":"data","payload":{"stream":1.5}}',
    '{"type":"data","payload":{"stream":}}',
    '{"type":"data","payload":{"stream":1000000000000000}}',
    '{"type":"data","payload":{"stream":1}} ',
    '{"type":"data","payload":{"stream":1}',
    '{"type":"datA","payload":{"stream":1}}',
    '',
  ])('[PRO-7] is no other: %s', (head) => {
    expect(streamOfBytesHead(Buffer.from(head))).toBe(0);
  });
});
