import { MAX_FRAME_BYTES } from '@toru/contracts';
import { defineChecks } from '../check';
import { demand } from '../check-error';
import { frame } from '../wire/frames';
import { requestFrame } from '../wire/request-v2';

const rule = 'protocol-v2.md#1-frames';

export const V2_FRAME_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/split-frames',
    expects: 'frames of both kinds are read however their bytes are split',
    run: async (kit) => {
      const host = await kit.v2();
      const path = kit.options.routes.echo ?? '/';
      for (const pieces of [[1], [3, 5, 2], [4], [5, 1000]]) {
        for (const tail of [undefined, Buffer.from('a tail')]) {
          const id = host.newId();
          const request = { method: 'POST', path, ...(tail && { tail }) };
          const answer = host.expectAnswer(id, request);
          answer.catch(() => undefined);
          await host.writeInPieces(requestFrame(id, request), pieces);
          await answer;
        }
      }
    },
  },
  {
    id: 'v2/joined-frames',
    expects: 'many frames that arrive at once are all read',
    run: async (kit) => {
      const host = await kit.v2();
      const requests = Array.from({ length: 10 }, (_, n) => {
        const id = host.newId();
        const request = { method: 'POST', path: '/', ...(n % 2 === 1 && { tail: Buffer.from('tail') }) };
        return { answer: host.expectAnswer(id, request), bytes: requestFrame(id, request) };
      });
      const answers = Promise.all(requests.map(({ answer }) => answer));
      answers.catch(() => undefined);
      const unknown = frame({ type: 'x-conformance' }, Buffer.from([0, 0, 0]));
      host.write(Buffer.concat(requests.flatMap(({ bytes }) => [unknown, bytes])));
      await answers;
    },
  },
  {
    id: 'v2/largest-frame',
    expects: 'a frame of exactly 16 MiB is answered',
    run: async (kit) => {
      const host = await kit.v2();
      const id = host.newId();
      const request = { method: 'POST', path: '/conformance/there-is-no-such-path' };
      // the integers of a frame with a tail count too, but for the first
      const head = requestFrame(id, request).length - 4;
      const tail = Buffer.alloc(MAX_FRAME_BYTES - 4 - head, 0xfe);
      const bytes = requestFrame(id, { ...request, tail });
      demand(bytes.length === MAX_FRAME_BYTES + 4, 'the kit made a wrong frame');
      const answer = host.expectAnswer(id, request);
      host.write(bytes);
      await (await answer).bytes();
    },
  },
]);
