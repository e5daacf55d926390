import type { Bench, Peer, Round } from '../harness/bench';
import { executableOf, outputOf } from './executable';
import type { Language } from './language';
import { languages } from './languages';

function peerOf(language: Language): Peer {
  return {
    name: language.name,
    async start() {
      const file = await executableOf(language, 'codec');
      return {
        async round(seconds): Promise<Round> {
          const { exchanges, json } = JSON.parse(await outputOf(file, [String(seconds)])) as Round;
          if (exchanges === undefined || json === undefined) throw new Error(`${file} printed something else`);
          return { exchanges, json, share: exchanges / json };
        },
        stop: () => Promise.resolve(),
      };
    },
  };
}

export const bench: Bench = {
  name: 'wire/codec',
  title: 'encoding and decoding a request and its answer of 1 KiB each, in one process',
  figures: {
    exchanges: { title: 'exchanges', unit: '/s', better: 'more' },
    json: { title: 'the same data through JSON and UTF-8, there and back', unit: '/s', better: 'more' },
    share: { title: 'exchanges as a share of that', unit: '', better: 'more' },
  },
  peers: languages.map(peerOf),
};
