import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lateMap, lateParts } from '../../engine/language/late_map.ts';
import { isMap, type ValueMap } from '../../engine/language/values.ts';

test('a late map is the map of its parts, however it is read', () => {
  const part = fc.dictionary(fc.string({ maxLength: 4 }), fc.oneof(fc.integer(), fc.constant(null), fc.string()));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.array(fc.string({ maxLength: 4 })), (given, asked) => {
      const parts = given.map(
        (one): ValueMap => Object.fromEntries(Object.entries(one).filter(([name]) => name !== '__proto__')),
      );
      const names = parts.flatMap((one) => Object.keys(one));
      // Of a name that several have, the first counts.
      const whole: ValueMap = Object.assign({}, ...parts.toReversed());
      const fresh = () => lateMap(parts.map((one) => () => one));
      assert.ok(isMap(fresh()));
      const late = fresh();
      for (const name of [...asked, ...names, 'constructor']) {
        assert.equal(Object.hasOwn(late, name), Object.hasOwn(whole, name));
        if (Object.hasOwn(whole, name)) assert.equal(late[name], whole[name]);
      }
      assert.deepEqual({ ...fresh() }, whole);
      assert.deepEqual(JSON.parse(JSON.stringify(fresh())), whole);
      assert.deepEqual(Object.fromEntries(Object.entries(fresh())), whole);
    }),
  );
});

test('no part is made before it is needed, and none twice', () => {
  const made: string[] = [];
  const part = (name: string) => () => {
    made.push(name);
    return { [name]: name };
  };
  const parts = lateParts({ a: part('a'), b: part('b'), c: part('c') });
  const late = lateMap([() => parts.a, () => parts.b, () => parts.c]);
  assert.deepEqual(made, []);
  assert.equal(late.a, 'a');
  assert.deepEqual(made, ['a']);
  assert.equal(late.b, 'b');
  assert.equal(late.a, 'a');
  assert.deepEqual(made, ['a', 'b']);
  assert.deepEqual(Object.keys(late), ['a', 'b', 'c']);
  assert.deepEqual(made, ['a', 'b', 'c']);
});
