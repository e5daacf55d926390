import type { ProblemDetails } from '@toru/contracts';
import { ADMIN, startHost, type TestHost } from '../support/host';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { addUser, PASSWORD } from '../support/users';

const GUESSES = 30;
/** Free guesses are five; a busy machine may spread the thirty over the first short delays. */
const MOST_LOOKED_AT = 12;

describe('guessing passwords', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost();
    await addUser(host, 'maria', 'viewer');
  });
  afterAll(() => host.dispose());

  const signIn = (username: string, password: string, from: string): Promise<RawAnswer> =>
    rawRequest(host.url, '/api/auth/login', {
      ...{ method: 'POST', from, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ username, password }),
    });
  const guess = (username: string, from: string): Promise<readonly RawAnswer[]> =>
    Promise.all(Array.from({ length: GUESSES }, (_, i) => signIn(username, `guess number ${i}`, from)));

  it('faults 26: parallel guesses are throttled, with the time to wait', async () => {
    const answers = await guess('maria', '127.0.0.2');
    const refused = answers.filter(({ status }) => status === 429);

    expect(answers.filter(({ status }) => status === 401).length).toBe(GUESSES - refused.length);
    expect(GUESSES - refused.length).toBeLessThanOrEqual(MOST_LOOKED_AT);
    for (const { headers, text } of refused) {
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(JSON.parse(text)).toMatchObject({ code: 'too_many_requests', status: 429 });
    }
  });

  it('faults 26: the right password does not help where somebody guesses, until the time is over', async () => {
    // right behind them, and more than once: where the machine stands still for a second, the next one has waited enough
    const bursts = Array.from({ length: 3 }, () => ({
      guesses: guess(ADMIN.username, '127.0.0.3'),
      right: signIn(ADMIN.username, ADMIN.password, '127.0.0.3'),
    }));
    const answers = await Promise.all(bursts.map(({ right }) => right));
    await Promise.all(bursts.map(({ guesses }) => guesses));
    const refused = answers.filter(({ status }) => status === 429);

    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const { headers } of refused) expect(headers['set-cookie']).toBeUndefined();
  });

  it('faults 26: the owner still gets in from elsewhere, and the sessions there are go on', async () => {
    const cookie = await host.adminCookie();
    const [guesses, maria, admin] = await Promise.all([
      guess('maria', '127.0.0.4'),
      signIn('maria', PASSWORD, '127.0.0.9'),
      signIn(ADMIN.username, ADMIN.password, '127.0.0.9'),
    ]);

    expect(guesses.some(({ status }) => status === 429)).toBe(true);
    expect([maria.status, admin.status]).toEqual([200, 200]);
    expect((await rawRequest(host.url, '/api/auth/me', { headers: { cookie }, from: '127.0.0.4' })).status).toBe(200);
  });

  it('faults 26: known and unknown users, possible and impossible names get the same answers', async () => {
    const names = ['maria', 'nobody-has-this-name', "' OR 1=1 --", '__proto__', 'MARIA'];
    const seen = await Promise.all(names.map((name, i) => guess(name, `127.0.1.${i + 1}`)));

    const kinds = seen.map((answers) => [...new Set(answers.map(shape))].sort());
    expect(kinds).toEqual(kinds.map(() => kinds[0]));
    expect(kinds[0]).toHaveLength(2);
  });

  it('faults 26: one address that tries a list of names is throttled as well', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => signIn(`name-${i}`, 'a common password', '127.0.2.1')),
    );

    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(20);
  });
});

/** Everything that a guesser sees, but for what differs by its nature: the id of the request, and numbers of seconds. */
function shape({ status, headers, text }: RawAnswer): string {
  const { request_id: _, detail, ...problem } = JSON.parse(text) as ProblemDetails;
  const names = Object.keys(headers).sort();
  return JSON.stringify({ status, names, detail: detail.replace(/\d+/g, 'N'), problem });
}
