import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unknown } from '../../engine/language/values.ts';
import { factsLayer } from '../../engine/planning/variables.ts';

const REACH = ['connection', 'user', 'host', 'port', 'password', 'become', 'become_user', 'become_password', 'sudo'];
const MORE = ['su_user', 'ssh_user', 'ssh_common_args', 'python_interpreter', 'shell_executable', 'remote_tmp'];

test('a host cannot say by its facts how it is reached', () => {
  const names = [...REACH, ...MORE];
  const layer = factsLayer(Object.fromEntries(names.map((name) => [name, 'local'])));
  for (const name of names) assert.equal(layer.get(`ansible_${name}`), undefined, name);
  const all = layer.get('ansible_facts');
  assert.ok(all?.kind === 'data' && Object.keys(all.value as object).length === names.length);
});

test('names that only begin like those are facts', () => {
  const facts = { ssh_host_key_rsa_public: 'k', user_id: 'root', hostname: 'h', local: {}, python_version: '3' };
  const layer = factsLayer(facts);
  for (const [name, value] of Object.entries(facts)) {
    assert.deepEqual(layer.get(`ansible_${name}`), { kind: 'data', value });
  }
  assert.equal(factsLayer(new Unknown('facts', true)).get('ansible_user_id'), undefined);
});
