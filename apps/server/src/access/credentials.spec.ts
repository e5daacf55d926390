import fc from 'fast-check';
import { anyCharacter } from '@toru/testing';
import { credentialOf } from './credentials';

const A = 'a'.repeat(43);
const B = 'B'.repeat(43);

describe('credentialOf', () => {
  it.each([
    ['a session', { cookie: `toru_session=${A}` }, { kind: 'session', secret: A }],
    ['a session among others', { cookie: `x=1; toru_session=${A}; y=2` }, { kind: 'session', secret: A }],
    ['the same session twice', { cookie: `toru_session=${A}; toru_session=${A}` }, { kind: 'session', secret: A }],
    ['a token', { authorization: `Bearer tsc_${A}` }, { kind: 'token', secret: A }],
    ['a token, scheme in small letters', { authorization: `bearer tsc_${A}` }, { kind: 'token', secret: A }],
    [
      'a token before a session',
      { authorization: `Bearer tsc_${A}`, cookie: `toru_session=${B}` },
      { kind: 'token', secret: A },
    ],
    [
      "a proxy's own login",
      { authorization: 'Basic eDp5', cookie: `toru_session=${A}` },
      { kind: 'session', secret: A },
    ],
    ['nothing', {}, { kind: 'none' }],
    ['a cookie with a longer name', { cookie: `xtoru_session=${A}; toru_sessionx=${A}` }, { kind: 'none' }],
  ])('reads %s', (_, headers, expected) => {
    expect(credentialOf(headers)).toEqual(expected);
  });

  it.each([
    ['two different sessions', { cookie: `toru_session=${A}; toru_session=${B}` }],
    ['two different sessions, one with a space', { cookie: `toru_session=${A}; toru_session =${B}` }],
    ['a session that is too short', { cookie: 'toru_session=abc' }],
    ['an empty session', { cookie: 'toru_session=' }],
    ['a session with a foreign letter', { cookie: `toru_session=${A.slice(1)}%20` }],
    ['a bearer that is no token of ours', { authorization: `Bearer ${A}` }],
    ['a token that is too long', { authorization: `Bearer tsc_${A}a` }],
    ['a bearer without anything', { authorization: 'Bearer' }],
    ['a wrong token beside a good session', { authorization: 'Bearer tsc_x', cookie: `toru_session=${A}` }],
  ])('[faults 27] takes %s for invalid', (_, headers) => {
    expect(credentialOf(headers)).toEqual({ kind: 'invalid' });
  });

  it('never throws, whatever the headers hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter(fc) }),
        fc.string({ unit: anyCharacter(fc) }),
        (cookie, authorization) => {
          for (const headers of [{ cookie }, { authorization }, { cookie: `toru_session=${cookie}`, authorization }]) {
            expect(['session', 'token', 'invalid', 'none']).toContain(credentialOf(headers).kind);
          }
        },
      ),
    );
  });
});
