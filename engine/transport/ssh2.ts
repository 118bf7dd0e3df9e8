import ssh2 from 'ssh2'; // CommonJS: no named imports

/** The one file that imports the SSH library. */
export const { BaseAgent, Client, createAgent } = ssh2;
export const { parseKey } = ssh2.utils;
export type { AnyAuthMethod, ClientChannel, ConnectConfig, ParsedKey } from 'ssh2';
