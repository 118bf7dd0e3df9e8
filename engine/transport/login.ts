import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SshRoute } from '../inventory/inventory.ts';
import { excerpt } from './become_refusal.ts';
import { TransportError } from './connection.ts';
import type { KeyFile, PublicKey } from './key_file.ts';

/** Those of ssh(1) that can be used here, in its order. */
export function defaultKeyFiles(): readonly string[] {
  return ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(homedir(), '.ssh', name));
}

/** A key to log in with: the agent's, or a file's. */
export interface Candidate {
  /** Undefined where it takes the passphrase to know. */
  readonly key: PublicKey | undefined;
  readonly file: KeyFile | undefined;
  /** Whether the agent signs. */
  readonly agent: boolean;
  readonly label: string;
}

export interface AgentKey extends PublicKey {
  readonly comment: string;
}

/**
 * The keys in ssh's order (sshconnect2.c, pubkey_prepare): those of the agent that key files name, the agent's other
 * ones unless IdentitiesOnly, then key files that the agent does not hold.
 */
export function candidates(
  files: readonly KeyFile[],
  agent: readonly AgentKey[],
  onlyNamed: boolean,
): readonly Candidate[] {
  const named = new Map<string, KeyFile>();
  for (const file of files) {
    const id = file.public?.blob.toString('base64');
    if (id !== undefined && !named.has(id)) named.set(id, file);
  }
  const ids = new Map(agent.map((key) => [key.blob.toString('base64'), key] as const));
  const held = [...named].flatMap(([id, file]) => {
    const key = ids.get(id);
    return key === undefined ? [] : [{ key, file, agent: true, label: `${file.path} (agent)` }];
  });
  const others = onlyNamed ? [] : [...ids].filter(([id]) => !named.has(id));
  const own = files.filter(
    (file) =>
      file.problem === undefined && !(file.public !== undefined && ids.has(file.public.blob.toString('base64'))),
  );
  return [
    ...held,
    ...others.map(([, key]) => ({ key, file: undefined, agent: true, label: `${key.comment || key.type} (agent)` })),
    ...own.map((file) => ({ key: file.public, file, agent: false, label: file.path })),
  ];
}

export type Attempt =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly candidate: Candidate }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'keyboard-interactive' };

/** The course of one login: what is tried next, and what to tell when nothing is left. */
export interface Login {
  /** The next attempt; `undefined`: nothing is left to try. */
  next(): Attempt | undefined;
  /** What the host says may be tried from now on. */
  offered(methods: readonly string[]): void;
  /** Why a candidate could not be used, though the host would have taken it. */
  failed(candidate: Candidate, why: string): void;
  /** Answers to the prompts of keyboard-interactive; `undefined`: nobody can answer that. */
  answer(
    prompts: readonly { readonly prompt: string; readonly echo?: boolean | undefined }[],
  ): readonly string[] | undefined;
  refusal(reason?: string): TransportError;
}

export function createLogin(
  host: string,
  route: SshRoute,
  files: readonly KeyFile[],
  agent: readonly AgentKey[],
): Login {
  const keys = [...candidates(files, agent, route.identitiesOnly)];
  // One of ssh's default files that is not there is nothing to tell.
  const told = (file: KeyFile) => file.problem !== undefined && (!file.missing || route.keyFiles.length > 0);
  const problems = files.filter((file) => told(file) && !keys.some((candidate) => candidate.file === file));
  const tried: string[] = [];
  const notes = problems.map((file) => `${file.path}: ${file.problem}`);
  let methods: readonly string[] | undefined;
  let asked: string | undefined;
  let passwordSent = false;
  let interactive = false;
  let nothing = false;

  return {
    next() {
      const may = (method: string) => methods === undefined || methods.includes(method);
      if (keys.length > 0 && may('publickey')) {
        const candidate = keys.shift() as Candidate;
        tried.push(candidate.label);
        return { kind: 'key', candidate };
      }
      // Asks what is offered, and gets in where nothing is wanted.
      if (methods === undefined && !nothing) {
        nothing = true;
        return { kind: 'none' };
      }
      if (route.password !== undefined && !passwordSent && may('password')) {
        passwordSent = true;
        tried.push('the password');
        return { kind: 'password', password: route.password };
      }
      // Once more after a password that was only the first of two things asked for.
      if (
        route.password !== undefined &&
        !interactive &&
        may('keyboard-interactive') &&
        !(passwordSent && may('password'))
      ) {
        interactive = true;
        return { kind: 'keyboard-interactive' };
      }
      return undefined;
    },
    offered(list) {
      methods = list;
    },
    failed(candidate, why) {
      notes.push(`${candidate.label}: ${why}`);
    },
    answer(prompts) {
      if (prompts.length === 0) return [];
      const [prompt] = prompts;
      if (prompts.length > 1 || prompt?.echo === true || passwordSent || route.password === undefined) {
        asked = excerpt(prompts.map((p) => p.prompt).join(' '));
        return undefined;
      }
      passwordSent = true;
      tried.push('the password (keyboard-interactive)');
      return [route.password];
    },
    refusal(reason) {
      const offers = methods === undefined ? '' : ` It takes: ${methods.join(', ') || 'nothing'}.`;
      const what = tried.length === 0 ? 'there was nothing to try' : `tried ${tried.join(', ')}`;
      const message = `${host} does not let ${route.user} in: ${reason ?? what}${reason === undefined ? '' : `; ${what}`}`;
      return new TransportError('auth', message, `${loginHint(route, methods, asked, notes, reason)}${offers}`);
    },
  };
}

function loginHint(
  route: SshRoute,
  methods: readonly string[] | undefined,
  asked: string | undefined,
  notes: readonly string[],
  reason: string | undefined,
): string {
  const [note] = notes;
  if (asked !== undefined) return `It asks "${asked}", which only a person can answer.`;
  if (note !== undefined) return `${notes.join('; ')}.`;
  if (reason !== undefined && /too many/i.test(reason)) {
    return 'It counts each key as a try: name the right one (--private-key) and set IdentitiesOnly=yes.';
  }
  const passwords = methods?.some((m) => m === 'password' || m === 'keyboard-interactive') ?? false;
  if (passwords && route.password === undefined) return 'Give a key (--private-key) or the password (-k).';
  if (methods?.includes('publickey') === true) {
    return `Check the user, and that ~${route.user}/.ssh/authorized_keys there has one of your keys.`;
  }
  return 'Check the user and how it may log in there.';
}
