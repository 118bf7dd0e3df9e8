import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../../engine/inventory/inventory.ts';
import type { KeyFile, PublicKey } from '../../engine/transport/key_file.ts';
import { type Attempt, candidates, createLogin } from '../../engine/transport/login.ts';

const key = (body: string): PublicKey => ({ type: 'ssh-ed25519', blob: Buffer.from(body) });
const agentKey = (body: string) => ({ ...key(body), comment: body });
const unlock = () => Promise.reject(new Error('not needed'));
const file = (path: string, body?: string, problem?: string): KeyFile => ({
  path,
  public: body === undefined ? undefined : key(body),
  problem,
  missing: problem === 'there is no such file',
  open: false,
  unlock,
});

function route(over: Partial<Extract<Route, { kind: 'ssh' }>> = {}): Extract<Route, { kind: 'ssh' }> {
  return {
    kind: 'ssh',
    address: '10.0.0.1',
    port: 22,
    user: 'deploy',
    keyFiles: [],
    identitiesOnly: false,
    agent: undefined,
    password: undefined,
    hostKeys: { files: [], alias: undefined, unknown: 'ask' },
    jumps: [],
    proxyCommand: undefined,
    connectTimeoutMs: 1000,
    keepAliveMs: 0,
    keepAliveMax: 0,
    compression: false,
    ...over,
  };
}

test('keys come in the order of ssh', () => {
  const files = [
    file('one', 'a'),
    file('two', 'b'),
    file('locked'),
    file('gone', undefined, 'there is no such file'),
    file('pub', 'd', 'it holds only the public key'),
  ];
  const agent = [agentKey('x'), agentKey('d'), agentKey('b')];
  const labels = (onlyNamed: boolean) => candidates(files, agent, onlyNamed).map((c) => c.label);
  assert.deepEqual(labels(false), ['two (agent)', 'pub (agent)', 'x (agent)', 'one', 'locked']);
  assert.deepEqual(labels(true), ['two (agent)', 'pub (agent)', 'one', 'locked']);
});

/** What is tried, when the host answers each attempt with this list. */
function course(login: ReturnType<typeof createLogin>, offers: readonly string[][]): readonly string[] {
  const tried: string[] = [];
  for (const methods of offers) {
    const attempt: Attempt | undefined = login.next();
    tried.push(attempt === undefined ? 'end' : attempt.kind === 'key' ? attempt.candidate.label : attempt.kind);
    if (attempt === undefined) break;
    if (attempt.kind === 'keyboard-interactive') login.answer([{ prompt: 'Password: ', echo: false }]);
    login.offered(methods);
  }
  return tried;
}

const both = ['publickey', 'password', 'keyboard-interactive'];

test('a password is sent once, by whichever method the host has', () => {
  const make = (password: string | undefined) => createLogin('web1', route({ password }), [file('one', 'a')], []);
  assert.deepEqual(course(make('secret'), [both, both, both]), ['one', 'password', 'end']);
  const keyboard = ['publickey', 'keyboard-interactive'];
  assert.deepEqual(course(make('secret'), [keyboard, keyboard, keyboard]), ['one', 'keyboard-interactive', 'end']);
  assert.deepEqual(course(make(undefined), [both, both]), ['one', 'end']);
  // Without keys the host is asked first what it takes.
  assert.deepEqual(course(createLogin('web1', route({ password: 'x' }), [], []), [both, both, both]), [
    'none',
    'password',
    'end',
  ]);
  assert.deepEqual(course(createLogin('web1', route(), [], []), [both, both]), ['none', 'end']);
  // Once the host has taken the password as the first of two, it may ask something else; but not the password again.
  const login = make('secret');
  assert.deepEqual(course(login, [both, ['keyboard-interactive'], ['keyboard-interactive']]), [
    'one',
    'password',
    'keyboard-interactive',
  ]);
  assert.match(login.refusal().hint ?? '', /It asks "Password:", which only a person can answer/);
});

test('keys that the host does not want any more are not tried', () => {
  const login = createLogin('web1', route({ password: 'x' }), [file('one', 'a'), file('two', 'b')], []);
  assert.deepEqual(course(login, [['password'], ['password']]), ['one', 'password']);
});

test('prompts that are not for the password are not answered with it', () => {
  for (const prompts of [
    [{ prompt: 'Login: ', echo: true }],
    [
      { prompt: 'Password: ', echo: false },
      { prompt: 'Code: ', echo: false },
    ],
  ]) {
    const login = createLogin('web1', route({ password: 'secret' }), [], []);
    assert.equal(login.answer(prompts), undefined);
    assert.match(login.refusal().hint ?? '', /which only a person can answer/);
  }
  const login = createLogin('web1', route({ password: 'secret' }), [], []);
  assert.deepEqual(login.answer([]), []);
  assert.deepEqual(login.answer([{ prompt: 'Password: ', echo: false }]), ['secret']);
  assert.equal(login.answer([{ prompt: 'Password: ', echo: false }]), undefined);
});

test('no message holds the password', () => {
  const login = createLogin('web1', route({ password: 'hunter2' }), [], []);
  course(login, [both, both]);
  const error = login.refusal('Too many authentication failures');
  assert.ok(!`${error.message}${error.hint}`.includes('hunter2'));
  assert.match(error.hint ?? '', /IdentitiesOnly/);
});
