import { PasswordHasher } from './password-hasher';

describe('PasswordHasher', () => {
  const hasher = new PasswordHasher();

  it('uses Argon2id with the recommended parameters and a salt of its own for each password', async () => {
    const [one, two] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(one, 'a password')).toBe(true);
    expect(await hasher.verify(one, 'a Password')).toBe(false);
  });

  it('takes both ways of writing an accent for the same password', async () => {
    expect(await hasher.verify(await hasher.hash('caf\u00e9 au lait'), 'cafe\u0301 au lait')).toBe(true);
  });

  it('is never right for nobody', async () => {
    expect(await hasher.verifyNobody('nobody has this password')).toBe(false);
  });

  it('refuses a guess when too many wait already, and serves again afterwards', async () => {
    const known = await hasher.hash('a password');
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.verify(known, 'a password')));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(6);
    expect(refused[0]?.reason).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 1 });
    expect(await hasher.verify(known, 'a password')).toBe(true);
  });
});
