import type { InputError } from '@toru/contracts';
import { IsObject, IsString } from 'class-validator';
import { createValidationPipe } from './validation';

class ChangeDto {
  @IsObject()
  limits!: object;
}

class NamesDto {
  @IsString()
  name!: string;
}

const pipe = createValidationPipe();

async function errorsOf(json: string, metatype: typeof ChangeDto | typeof NamesDto): Promise<readonly InputError[]> {
  try {
    await pipe.transform(JSON.parse(json), { type: 'body', metatype });
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'validation_failed' });
    return (error as { errors: readonly InputError[] }).errors;
  }
}

describe('the validation of inputs', () => {
  it.each<[string, string, typeof ChangeDto | typeof NamesDto]>([
    ['{"limits":{"__proto__":{"queue":1}}}', 'limits.__proto__', ChangeDto],
    ['{"limits":{"paths":[{"path":"/","__proto__":1}]}}', 'limits.paths.0.__proto__', ChangeDto],
    ['{"limits":{},"__proto__":{}}', '__proto__', ChangeDto],
    ['{"name":"maria","__proto__":{"role":"admin"}}', '__proto__', NamesDto],
    ['{"limits":{"constructor":{"prototype":1}}}', 'limits.constructor', ChangeDto],
    ['{"name":"maria","colour":1}', 'colour', NamesDto],
  ])('[API-6] (faults 8) %s is refused by the name that nothing knows', async (json, path, metatype) => {
    expect((await errorsOf(json, metatype)).map((error) => error.path)).toEqual([path]);
  });

  it.each(['[', '{"a":'])(
    '[API-6] (faults 8) more depth than anybody needs is refused before it is walked through (%s)',
    async (open) => {
      const close = open === '[' ? ']' : '}';
      const json = `{"limits":${open.repeat(5_000)}1${close.repeat(5_000)}}`;
      expect(await errorsOf(json, ChangeDto)).toEqual([{ path: 'limits', message: 'is nested deeper than 64 levels' }]);
    },
  );

  it('[API-6] lets through what is in order', async () => {
    expect(await errorsOf('{"limits":{"prototypes":1,"a":[{"b":[]}]}}', ChangeDto)).toEqual([]);
  });
});
