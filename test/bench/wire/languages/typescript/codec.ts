import {
  bodyOf,
  decodeHttpRequestV2,
  decodeHttpResponseV2,
  decodeMessageV2,
  FrameBatch,
  FrameDecoderV2,
} from '@toru/protocol';
import { BODY, REQUEST, RESPONSE } from '../../exchange';

const BATCH = 64;

/** Both sides of the wire without the wire: every request and every answer is encoded, cut into frames and decoded. */
function exchangeAll(): void {
  const there = new FrameBatch();
  const back = new FrameBatch();
  for (let n = 0; n < BATCH; n++) {
    there.add(JSON.stringify({ type: 'http', request_id: String(n), payload: REQUEST }), BODY);
  }
  for (const { payload, tail } of messagesIn(there)) {
    const { headers } = decodeHttpRequestV2(payload);
    const { bytes } = bodyOf(payload, tail, 1);
    if (headers.size === 0 || bytes?.length !== BODY.length) throw new Error('The request was not decoded');
    back.add(JSON.stringify({ type: 'http', request_id: '1', payload: RESPONSE }), bytes);
  }
  for (const { payload, tail } of messagesIn(back)) {
    const { status } = decodeHttpResponseV2(payload, false);
    const { bytes } = bodyOf(payload, tail, 0);
    if (status !== 200 || bytes?.length !== BODY.length) throw new Error('The answer was not decoded');
  }
}

function* messagesIn(batch: FrameBatch) {
  const decoder = new FrameDecoderV2();
  decoder.acceptTails();
  for (const buffer of batch.take()) decoder.push(buffer);
  for (let head = decoder.next(); head; head = decoder.next()) {
    yield { ...decodeMessageV2(head), tail: decoder.tail };
  }
}

/** What any program must do that sends the same as JSON: text, bytes, text, objects. */
function jsonAll(): void {
  const body = BODY.toString();
  for (let n = 0; n < BATCH; n++) {
    const request = Buffer.from(JSON.stringify({ id: n, ...REQUEST, body }));
    const { id } = JSON.parse(request.toString()) as { id: number };
    const answer = Buffer.from(JSON.stringify({ id, ...RESPONSE, body }));
    if ((JSON.parse(answer.toString()) as { id: number }).id !== n) throw new Error('The answer was not decoded');
  }
}

function perSecond(run: () => void, seconds: number): number {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let count = 0;
  while (performance.now() < end) {
    run();
    count += BATCH;
  }
  return (count * 1000) / (performance.now() - begin);
}

const seconds = Number(process.argv[2] ?? 1);
// Warm first: what is measured is what runs for days.
perSecond(exchangeAll, seconds / 2);
perSecond(jsonAll, seconds / 2);
console.log(JSON.stringify({ exchanges: perSecond(exchangeAll, seconds), json: perSecond(jsonAll, seconds) }));
